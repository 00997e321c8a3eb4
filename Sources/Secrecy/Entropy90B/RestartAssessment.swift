// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore
internal import Statistics

/// The restart tests of SP 800-90B, 3.1.4: whether a source starts the same way each time.
public struct RestartAssessment: Sendable, Hashable, Codable {
    /// How often the source was restarted, and how many symbols were taken each time.
    public static let restarts = 1000

    /// H_I: the initial estimate that is checked, bits a symbol.
    public let initial: Double
    /// X_max: the most often a symbol occurs in one restart, or at one place of all restarts.
    public let mostFrequent: Int
    /// X_cutoff: a larger X_max happens to a source of H_I with 1 % probability, over all restarts and places.
    public let cutoff: Int
    /// 3.1.4.3: X_max ≤ X_cutoff.
    public var isSane: Bool { mostFrequent <= cutoff }
    /// The assessment of one restart behind the other, whose minimum is H_r; nil where the sanity check failed.
    public let rows: NonIIDAssessment?
    /// The assessment of one place behind the other, whose minimum is H_c; nil where the sanity check failed.
    public let columns: NonIIDAssessment?

    /// 3.1.4.2: sane, and neither order assesses below half of H_I.
    public var passed: Bool {
        guard isSane, let rows, let columns else { return false }
        return min(rows.minEntropy, columns.minEntropy) >= initial / 2
    }

    /// min(H_r, H_c, H_I), bits a symbol; 0 where the tests failed.
    public var minEntropy: Double {
        guard passed, let rows, let columns else { return 0 }
        return min(rows.minEntropy, columns.minEntropy, initial)
    }

    /// - Parameters:
    ///   - series: the first 1,000 symbols of each of 1,000 restarts, one restart behind the other.
    ///   - initial: H_I, bits a symbol.
    ///   - progress: gets the done fraction, 0 to 1.
    /// - Throws: `.badInput` for another number of symbols, or an H_I that symbols of that width can't have.
    public init(
        _ series: SymbolSeries, initial: Double, progress: (Double) -> Void = { _ in }
    ) throws(QWaveError) {
        let side = Self.restarts
        guard series.count == side * side else {
            throw QWaveError(
                .badInput,
                "a restart test takes \(side) restarts of \(side) symbols, \(side * side) together; these are "
                    + "\(series.count)")
        }
        guard initial >= 0, initial <= Double(series.bits) else {
            throw QWaveError(
                .badInput, "symbols of \(series.bits) bits can't have \(initial) bits of min-entropy")
        }
        self.initial = initial
        var transposed: [UInt8] = []
        transposed.reserveCapacity(series.count)
        for column in 0..<side {
            for row in 0..<side { transposed.append(series.symbols[row * side + column]) }
        }
        let byColumn = try SymbolSeries(transposed, bits: series.bits)
        mostFrequent = max(Self.mostFrequent(series), Self.mostFrequent(byColumn))
        cutoff = Self.cutoff(initial)
        if mostFrequent <= cutoff {
            rows = try NonIIDAssessment(series) { progress(0.5 * $0) }
            columns = try NonIIDAssessment(byColumn) { progress(0.5 + 0.5 * $0) }
        } else {
            rows = nil
            columns = nil
        }
    }

    /// The largest count of a symbol in any stretch of 1,000.
    private static func mostFrequent(_ series: SymbolSeries) -> Int {
        var most = 0
        for begin in stride(from: 0, to: series.count, by: restarts) {
            var counts = [Int](repeating: 0, count: 256)
            for symbol in series.symbols[begin..<begin + restarts] { counts[Int(symbol)] += 1 }
            most = max(most, counts.max() ?? 0)
        }
        return most
    }

    /// X_cutoff: each of 2,000 rows and columns may fail with α = 1 − 0.99^(1/2000).
    ///
    /// In the worst case ⌊1/p⌋ symbols have the largest probability p = 2^−H_I, so each of them gets its share of α: at
    /// such tails the union bound is the law of the largest count. (The reference tool draws it at random.)
    static func cutoff(_ initial: Double) -> Int {
        let probability = exp2(-initial)
        let alpha = -expm1(log(0.99) / Double(2 * restarts))
        // A hair above ⌊1/p⌋, so that p = 2⁻³ means eight symbols whatever exp2 rounds to.
        let likeliest = (1 / probability + 1e-9).rounded(.down)
        return Binomial(trials: restarts, probability: probability).criticalValue(tail: alpha / likeliest)
    }
}
