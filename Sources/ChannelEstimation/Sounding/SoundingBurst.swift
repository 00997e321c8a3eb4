// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Our own sounding burst for time-division probing: 1,200 samples on the grid of 20 MHz Wi-Fi.
///
/// The non-HT preamble (320 samples) finds, times and tunes; seven header symbols (80 each) tell sequence number,
/// sender and tag; four pilot symbols sound the channel. All have a guard interval of 16 samples and the tones
/// ±1 to ±26, so the spectrum is that of a Wi-Fi frame. Tone k of a pilot symbol carries an element of the
/// Zadoff-Chu sequence of length 53 and root 1, exp(−jπn(n+1)/53), in the order of the burst's secret: an
/// estimate from it can't be planted by someone who doesn't know the order.
public struct SoundingBurst: Sendable {
    public let sequence: UInt32
    /// The end that sends it.
    public let sender: Party.Role
    private let secret: SoundingSecret

    public static let tones = LegacyPreamble().tones
    static let preamble = LegacyPreamble()
    static let pilotSymbols = 4
    static let guardLength = 16
    static let symbolLength = 80
    /// Where the header and the pilots start.
    static let headerStart = preamble.count
    static let pilotStart = headerStart + SoundingHeader.symbols * symbolLength
    /// Samples of a burst.
    public static let count = pilotStart + pilotSymbols * symbolLength
    /// Samples before the end of a guard interval at which a receiver's transform begins.
    static let early = 6
    /// From a symbol's first sample to the middle of its transform.
    static let symbolCenter = Double(guardLength - early + preamble.width.fftLength / 2)
    /// Mid of the pilot symbols: the instant that the gains' phase belongs to.
    static let pilotCenter =
        Double(pilotStart) + Double((pilotSymbols - 1) * symbolLength) / 2 + symbolCenter

    public init(sequence: UInt32, sender: Party.Role, secret: SoundingSecret) {
        self.sequence = sequence
        self.sender = sender
        self.secret = secret
    }

    /// The burst with a mean power of 1 in each part.
    public var samples: [IQ] {
        var samples = Self.preamble.samples
        for values in symbolValues {
            let symbol = ToneGrid.samples(
                tones: Self.tones, values: values, fftLength: Self.preamble.width.fftLength)
            samples += ToneGrid.guarded(symbol, guardLength: Self.guardLength)
        }
        return samples
    }

    /// What the tones carry in each symbol behind the preamble.
    var symbolValues: [[IQ]] {
        SoundingHeader(sequence: sequence, sender: sender, tag: secret.tag).symbols + Self.pilots(secret)
    }

    /// What the tones of each pilot symbol carry.
    static func pilots(_ secret: SoundingSecret) -> [[IQ]] {
        secret.order.map { order in order.map { zadoffChu[$0] } }
    }

    private static let zadoffChu: [IQ] = (0..<tones.count).map { n in
        Phase.turn(-.pi * Double(n * (n + 1) % 106) / 53)
    }
}

extension SoundingBurst {
    /// Mean SNR of an estimated gain over the SNR of one received sample: four pilot symbols are averaged, and 52 of
    /// 64 tones hold the power while noise fills all.
    public static let gainOfEstimate =
        Double(pilotSymbols) * Double(preamble.width.fftLength) / Double(tones.count)
}
