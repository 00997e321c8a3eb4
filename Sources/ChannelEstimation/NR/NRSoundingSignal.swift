// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// An NR sounding reference signal, which a terminal sends so that its base station learns the channel
/// (3GPP TS 38.211, 6.4.1.4), without group or sequence hopping.
///
/// Every second or fourth subcarrier carries one element of a cyclically shifted Zadoff-Chu sequence; ports differ by
/// their shifts. Sequences of fewer than 36 elements, which the standard tabulates, aren't made.
public struct NRSoundingSignal: Sendable, Hashable {
    /// n_ID^SRS, 0 to 1023.
    public let identity: Int
    /// Resource blocks that the signal covers, a multiple of 4 up to 272.
    public let blocks: Int
    /// K_TC: 2 or 4.
    public let comb: Int
    /// First subcarrier of the comb, below `comb`.
    public let combOffset: Int
    /// n_SRS^cs, below 8 (comb 2) or 12 (comb 4).
    public let cyclicShift: Int
    /// 1, 2 or 4.
    public let ports: Int
    /// The lowest subcarrier of the signal's blocks, counted from the carrier's own, 0.
    public let firstTone: Int

    /// - Parameter firstTone: nil for a signal in the middle of its carrier, −6·blocks.
    /// - Throws: `.usage` for values outside their limits.
    public init(
        identity: Int, blocks: Int, comb: Int = 2, combOffset: Int = 0, cyclicShift: Int = 0, ports: Int = 1,
        firstTone: Int? = nil
    ) throws(QWaveError) {
        guard (0...1023).contains(identity) else {
            throw QWaveError(
                .usage, "the sequence identity of a sounding signal is 0 to 1023, not \(identity)")
        }
        guard (4...272).contains(blocks), blocks % 4 == 0 else {
            throw QWaveError(
                .usage, "a sounding signal covers 4, 8, … 272 resource blocks, not \(blocks)")
        }
        guard comb == 2 || comb == 4, (0..<comb).contains(combOffset) else {
            throw QWaveError(
                .usage,
                "a comb of \(comb) from \(combOffset) isn't made: it is 2 or 4, and its offset less than that"
            )
        }
        let shifts = comb == 2 ? 8 : 12
        guard (0..<shifts).contains(cyclicShift) else {
            throw QWaveError(
                .usage, "the cyclic shift is 0 to \(shifts - 1) with a comb of \(comb), not \(cyclicShift)")
        }
        guard [1, 2, 4].contains(ports) else {
            throw QWaveError(.usage, "a sounding signal has 1, 2 or 4 ports, not \(ports)")
        }
        guard 12 * blocks / comb >= 36 else {
            throw QWaveError(
                .usage, "\(blocks) blocks with comb \(comb): sequences shorter than 36 elements aren't made")
        }
        let firstTone = firstTone ?? -6 * blocks
        // No carrier has more than 275 blocks (TS 38.211, 4.4.2).
        guard (-1650...1650 - 12 * blocks).contains(firstTone) else {
            throw QWaveError(
                .usage, "\(blocks) blocks from subcarrier \(firstTone) on reach beyond any carrier")
        }
        self.identity = identity
        self.blocks = blocks
        self.comb = comb
        self.combOffset = combOffset
        self.cyclicShift = cyclicShift
        self.ports = ports
        self.firstTone = firstTone
    }

    /// Elements of the sequence, M_sc,b.
    public var length: Int { 12 * blocks / comb }
    /// Cyclic shifts that there are.
    var shifts: Int { comb == 2 ? 8 : 12 }

    /// Tone indices of a port, ascending, counted from the carrier's own, 0.
    public func tones(port: Int) -> [Int] {
        // Of four ports with large shifts two use the other half of the comb (6.4.1.4.3).
        let isMoved = ports == 4 && cyclicShift >= shifts / 2 && port % 2 == 1
        let offset = isMoved ? (combOffset + comb / 2) % comb : combOffset
        return (0..<length).map { comb * $0 + offset + firstTone }
    }

    /// What a port's tones carry, of modulus 1 (6.4.1.4.2, 5.2.2.1).
    public func values(port: Int) -> [IQ] {
        let shift = (cyclicShift + shifts * port / ports) % shifts
        return base.enumerated().map { index, value in
            value * Phase.turn(2 * .pi * Double(shift * index % shifts) / Double(shifts))
        }
    }

    /// The base sequence r̄ of group identity mod 30, number 0.
    private var base: [IQ] {
        let prime = Self.largestPrime(below: length)
        let group = identity % 30
        // q = ⌊q̄ + 1/2⌋ with q̄ = prime·(group + 1)/31, in whole numbers.
        let root = (2 * prime * (group + 1) + 31) / 62
        return (0..<length).map { index in
            let m = index % prime
            return Phase.turn(-.pi * Double(root * m * (m + 1) % (2 * prime)) / Double(prime))
        }
    }

    static func largestPrime(below limit: Int) -> Int {
        var candidate = limit - 1
        while (2..<candidate).contains(where: { $0 * $0 <= candidate && candidate % $0 == 0 }) {
            candidate -= 1
        }
        return candidate
    }

    /// Whether a transform of this length holds the signal's subcarriers.
    func fits(_ fftLength: Int) -> Bool {
        fftLength > 12 * blocks && 2 * firstTone >= -fftLength && 2 * (firstTone + 12 * blocks) <= fftLength
    }

    /// One symbol of a port without guard interval, of mean power 1.
    ///
    /// - Precondition: `fftLength` holds the signal's subcarriers.
    public func samples(port: Int = 0, fftLength: Int) -> [IQ] {
        precondition(fits(fftLength), "the transform is too short for the signal")
        return ToneGrid.samples(tones: tones(port: port), values: values(port: port), fftLength: fftLength)
    }
}
