// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// What a predictor's hits say, SP 800-90B, 6.3.7 to 6.3.10: overall, and by their longest run.
public struct PredictionEstimate: Sendable, Hashable, Codable {
    /// C: how many predictions were right.
    public let correct: Int
    /// r: the longest run of right ones, plus 1.
    public let run: Int
    /// N: how many predictions were made.
    public let predictions: Int
    /// P_global: the proportion of right ones.
    public let global: Double
    /// P′_global: the upper bound of that.
    public let globalUpperBound: Double
    /// P_local: the success probability with which no run of r happens with probability 99 %; nil where it lies
    /// below P′_global or 1/k and so can't change the result.
    public let local: Double?
    /// −log2 max(P′_global, P_local, 1/k), bits a symbol.
    public let minEntropy: Double

    init(_ tally: PredictionTally, alphabet: Int) {
        correct = tally.correct
        run = tally.longest + 1
        predictions = tally.count
        let trials = max(1, predictions)
        global = Double(correct) / Double(trials)
        globalUpperBound =
            correct > 0
            ? Entropy90B.upperBound(global, trials: trials) : 1 - pow(0.01, 1 / Double(trials))
        let floor = max(globalUpperBound, 1 / Double(max(1, alphabet)))
        local = LocalPrediction(run: Double(run), trials: Double(trials)).probability(above: floor)
        minEntropy = Entropy90B.minEntropy(max(floor, local ?? 0))
    }
}

/// Counts right and wrong predictions, and their runs.
struct PredictionTally {
    private(set) var count = 0
    private(set) var correct = 0
    private(set) var longest = 0
    private var current = 0

    @inline(__always)
    mutating func record(_ isCorrect: Bool) {
        count &+= 1
        correct &+= isCorrect ? 1 : 0
        current = isCorrect ? current &+ 1 : 0
        longest = max(longest, current)
    }
}

/// Feller's approximation of the probability that `trials` tries have no run of `run` successes
/// (SP 800-90B, 6.3.7, step 8): (1 − p x)/((r + 1 − r x) q) · x^−(N + 1), x the root near 1 of 1 − x + q p^r x^(r+1).
private struct LocalPrediction {
    let run: Double
    let trials: Double

    /// The p above `floor` at which that probability is 0.99, or nil where it is below there already.
    func probability(above floor: Double) -> Double? {
        let target = log(0.99)
        guard floor < 1, logNoRun(floor) > target else { return nil }
        var low = floor
        var high = 1.0
        while true {
            let middle = 0.5 * (low + high)
            if middle <= low || middle >= high { return high }
            // NaN, which rounding may make next to 1, counts as beyond.
            if logNoRun(middle) > target { low = middle } else { high = middle }
        }
    }

    /// Logarithm of the probability, from x − 1 so that no digits cancel.
    private func logNoRun(_ p: Double) -> Double {
        let q = 1 - p
        let scale = q * pow(p, run)
        var excess = 0.0
        for _ in 0..<65 {
            let next = scale * exp((run + 1) * log1p(excess))
            if next <= excess { break }
            excess = next
        }
        return log(q - p * excess) - log((1 - run * excess) * q) - (trials + 1) * log1p(excess)
    }
}
