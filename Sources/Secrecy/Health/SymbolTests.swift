// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// The repetition count test of SP 800-90B, 4.4.1, on quantized symbols.
public struct RepetitionCountTest: Sendable, Hashable {
    /// C = 1 + ⌈−log2 α / H⌉: one value C times in a row raises the alarm. Nil where H or α makes no sense.
    public let cutoff: Int?

    /// - Parameters:
    ///   - entropy: H, the claimed min-entropy per symbol, bits.
    ///   - falseAlarm: α.
    public init(entropy: Double, falseAlarm: Double = 0x1p-30) {
        guard entropy > 0, entropy.isFinite, falseAlarm > 0, falseAlarm < 1 else {
            cutoff = nil
            return
        }
        let runs = (-log2(falseAlarm) / entropy).rounded(.up)
        cutoff = runs < 1e9 ? 1 + Int(runs) : nil
    }

    /// The entropy of a symbol after one of the same outermost cell, bits: what a run of a Gaussian component with
    /// memory goes by, where the charge for its past is a mean over all pasts.
    ///
    /// - Parameters:
    ///   - bits: M of equally probable cells.
    ///   - memory: R, multiple correlation with the past.
    public static func runEntropy(bits: Int, memory: Double) -> Double {
        let share = 1 / Double(1 << bits)
        let edge = bits > 1 ? -Normal.quantile(share) : 0
        let mean = Normal.density(edge) / share
        let r = min(max(memory, 0), 0.999)
        return -log2(Normal.upperTail((edge - r * mean) / (1 - r * r).squareRoot()))
    }

    /// Fails on an empty series: nothing was tested.
    public func run(_ symbols: some Collection<Int>, name: String = "repetition count") -> HealthResult {
        guard let cutoff, let first = symbols.first else { return .failure(name) }
        var value = first
        var run = 0
        var longest = 0
        for symbol in symbols {
            run = symbol == value ? run + 1 : 1
            value = symbol
            longest = max(longest, run)
        }
        return HealthResult(
            name: name, passed: longest < cutoff, threshold: Double(cutoff), localValue: Double(longest))
    }
}

/// The adaptive proportion test of SP 800-90B, 4.4.2, on quantized symbols.
public struct AdaptiveProportionTest: Sendable, Hashable {
    /// W: 1,024 for binary symbols, else 512.
    public let window: Int
    /// C = 1 + critbinom(W, 2^−H, 1 − α): the first value of a window C times in it raises the alarm.
    public let cutoff: Int?

    public init(entropy: Double, falseAlarm: Double = 0x1p-30, window: Int) {
        self.window = max(1, window)
        guard entropy > 0, entropy.isFinite, falseAlarm > 0, falseAlarm < 1 else {
            cutoff = nil
            return
        }
        let law = Binomial(trials: self.window, probability: exp2(-entropy))
        cutoff = 1 + law.criticalValue(tail: falseAlarm)
    }

    /// The window that the standard gives symbols of so many bits.
    public init(entropy: Double, falseAlarm: Double = 0x1p-30, bits: Int) {
        self.init(entropy: entropy, falseAlarm: falseAlarm, window: bits == 1 ? 1024 : 512)
    }

    /// Windows follow one another; what is left over at the end is tested as a short window. Fails on an empty
    /// series.
    public func run(_ symbols: some Collection<Int>, name: String = "adaptive proportion") -> HealthResult {
        guard let cutoff, !symbols.isEmpty else { return .failure(name) }
        var position = 0
        var first = 0
        var count = 0
        var most = 0
        for symbol in symbols {
            if position == 0 {
                first = symbol
                count = 0
            }
            if symbol == first { count += 1 }
            most = max(most, count)
            position = position + 1 == window ? 0 : position + 1
        }
        return HealthResult(
            name: name, passed: most < cutoff, threshold: Double(cutoff), localValue: Double(most))
    }
}

/// The start-up test: the first symbols after a start or a change of channel are tested, then thrown away.
public struct StartUpTest: Sendable, Hashable {
    /// How many symbols are tested and discarded.
    public static let symbols = 1024

    public let repetition: RepetitionCountTest
    public let proportion: AdaptiveProportionTest

    public init(entropy: Double, bits: Int, falseAlarm: Double = 0x1p-30) {
        repetition = RepetitionCountTest(entropy: entropy, falseAlarm: falseAlarm)
        proportion = AdaptiveProportionTest(entropy: entropy, falseAlarm: falseAlarm, bits: bits)
    }

    /// Tests the first 1,024 symbols, which must not be keyed afterwards. Fewer symbols fail.
    public func run(_ symbols: [Int]) -> [HealthResult] {
        let first = symbols.prefix(Self.symbols)
        let count = HealthResult(
            name: "start-up count", passed: first.count >= Self.symbols, threshold: Double(Self.symbols),
            localValue: Double(first.count))
        return [
            count, repetition.run(first, name: "start-up repetition count"),
            proportion.run(first, name: "start-up adaptive proportion"),
        ]
    }
}
