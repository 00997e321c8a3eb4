// SPDX-License-Identifier: GPL-3.0-or-later
import TestSupport

/// Sources of symbols with known laws, the same for the same seed.
enum Source {
    private static func below(_ numerator: UInt64, _ denominator: UInt64) -> UInt64 {
        denominator.dividingFullWidth((numerator, 0)).quotient
    }

    static func uniform(seed: UInt64, count: Int, bits: Int = 1) -> [UInt8] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> UInt64(64 - bits)) }
    }

    /// Ones with probability 0.6.
    static func biased(seed: UInt64, count: Int) -> [UInt8] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in generator.next() < below(6, 10) ? 1 : 0 }
    }

    /// P(1|0) = 0.3, P(0|1) = 0.2: 0.322 bit a bit in the long run.
    static func markov(seed: UInt64, count: Int) -> [UInt8] {
        var generator = SplitMix64(seed: seed)
        var bit = UInt8(generator.next() >> 63)
        return [bit]
            + (1..<count).map { _ in
                let draw = generator.next()
                bit = bit == 0 ? (draw < below(3, 10) ? 1 : 0) : (draw < below(2, 10) ? 0 : 1)
                return bit
            }
    }

    /// Quartiles, Gray-coded into 2 bits, of an autoregressive series with correlation 0.9 in integer arithmetic: a
    /// channel that is sampled too often.
    static func autoregressive(seed: UInt64, count: Int) -> [UInt8] {
        var generator = SplitMix64(seed: seed)
        var state = 0
        return (0..<count).map { _ in
            // Twelve uniform numbers of 16 bits are nearly normal.
            var sum = 6 - 12 * 32_768
            for _ in 0..<3 {
                let draw = generator.next()
                for shift in stride(from: 0, to: 64, by: 16) { sum += Int(draw >> UInt64(shift) & 0xFFFF) }
            }
            state = (58_982 * state) >> 16 + (28_566 * sum) >> 16
            return state < -44_204 ? 0 : state < 0 ? 1 : state < 44_204 ? 3 : 2
        }
    }
}
