// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The primary synchronization signal of an LTE cell that was found (3GPP TS 36.211, 6.11.1).
public struct LTEPrimarySignal: Sendable, Hashable {
    /// N_ID(2), 0 to 2.
    public var sector: Int
    /// Root of its Zadoff-Chu sequence: 25, 29 or 34.
    public var root: Int { Self.roots[sector] }
    /// Sample index of the first one, behind its cyclic prefix, at 1.92 MHz; it returns every 9,600 samples.
    public var start: Int
    /// Cell's carrier minus the receiver's, in Hz.
    public var carrierOffset: Double
    /// Peak of the correlation's power over its mean.
    public var peak: Double

    static let roots = [25, 29, 34]
    static let tones = Array(-31...(-1)) + Array(1...31)
    static let fftLength = 128
    static let sampleRate = 1.92e6
    /// Samples of 5 ms.
    static let period = 9600

    /// What the tones carry.
    static func values(_ sector: Int) -> [IQ] {
        (0..<62).map { n in
            let place = n <= 30 ? n * (n + 1) : (n + 1) * (n + 2)
            return Phase.turn(-.pi * Double(roots[sector] * place % 126) / 63)
        }
    }

    /// One symbol without its cyclic prefix, of mean power 1.
    static func samples(_ sector: Int) -> [IQ] {
        ToneGrid.samples(tones: tones, values: values(sector), fftLength: fftLength)
    }
}
