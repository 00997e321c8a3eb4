// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// Estimates from samples that aren't independent.
enum SampleStatistics {
    /// n / (1 + 2 Σ ρ_xx ρ_yy): how many independent samples a correlation of x with y rests on (key length, 3.1).
    ///
    /// The sum stops at the first lag where the product is lost in noise; it never raises n.
    ///
    /// - Parameter joints: rows at which another recording begins.
    static func effectiveCount(
        _ x: [Double], _ y: [Double], maximumLag: Int = 200, joints: [Int] = []
    ) -> Double {
        let lags = min(maximumLag, x.count / 4)
        guard lags >= 1 else { return Double(x.count) }
        let runs = Runs(rows: x.count, joints: joints)
        let a = runs.autocorrelation(x, maximumLag: lags)
        let b = runs.autocorrelation(y, maximumLag: lags)
        var sum = 0.0
        for lag in 1...lags { sum += a[lag] * b[lag] }
        return Double(x.count) / max(1, 1 + 2 * sum)
    }

    /// (x² − 1)/√2: the second Hermite function of a normal score.
    static func hermite2(_ x: Double) -> Double { (x * x - 1) * 0.5.squareRoot() }
    /// (x³ − 3x)/√6.
    static func hermite3(_ x: Double) -> Double { (x * x * x - 3 * x) / 6.0.squareRoot() }

    /// Upper bound of a sum of informations that were estimated together, in bits.
    ///
    /// 2 n ln 2 times the sum of plug-in values behaves like a non-central χ² of d degrees of freedom, whose
    /// non-centrality λ is what is sought. P[T ≤ d + λ − 2√((d + 2λ)x)] ≤ exp(−x) (Birgé 2001, lemma 8.1), solved
    /// for λ. The bias d is taken out only as far as all samples would have been independent. One bound for the sum
    /// instead of one for each term: z is paid once.
    ///
    /// - Parameters:
    ///   - plugIn: the sum of the plug-in values, which err upward.
    ///   - degrees: d, fitted numbers behind them.
    ///   - samples: all samples; `effective`: how many independent ones they are worth.
    ///   - z: quantile of the bound's error probability.
    static func upperBound(
        plugIn: Double, degrees: Int, samples: Double, effective: Double, z: Double
    ) -> Double {
        let scale = 2 * max(effective, 1) * 2.0.logarithm
        let d = Double(degrees)
        let x = -Normal.upperTail(z).logarithm
        let t = max(0, scale * plugIn - d * min(1, effective / max(samples, 1)))
        return (t + 4 * x + (8 * x * t + 16 * x * x + 4 * x * d).squareRoot()) / scale
    }

    /// M − H(S|W) of quantized normal scores, in bits, upper bound: how far the symbol is from uniform given its
    /// public helper value.
    ///
    /// By the chain rule H(Sⁿ|Wⁿ) ≥ Σ H(S,W) − H(W) − I(X; past), so what is charged is the symbol's deficit given
    /// the helper data, not the helper data's own. The plug-in value errs upward; the bound adds z standard
    /// deviations of its square root.
    static func deficit(_ scores: [Double], bits: Int, helperBits: Int, z: Double, effective: Double)
        -> Double
    {
        guard !scores.isEmpty else { return Double(bits) }
        let measured = plugInDeficit(scores, bits: bits, helperBits: helperBits)
        // 2 n ln 2 · D behaves like a non-central χ²: its square root has about unit spread.
        let scale = 2 * max(effective, 1) * 2.0.logarithm
        let root = (scale * measured).squareRoot() + z
        return min(root * root / scale, Double(bits))
    }

    /// The plug-in value of M − H(S|W), which errs upward; (2^M − 1) 2^B numbers are fitted.
    static func plugInDeficit(_ scores: [Double], bits: Int, helperBits: Int) -> Double {
        let quantizer = QuantileHelperQuantizer(bits: bits, helperBits: helperBits)
        var joint = [Double](repeating: 0, count: 1 << (bits + helperBits))
        for score in scores {
            let (symbol, helper) = quantizer.split(score)
            joint[helper << bits | symbol] += 1
        }
        let n = Double(scores.count)
        var conditional = 0.0
        for helper in 0..<1 << helperBits {
            let cell = joint[helper << bits..<(helper + 1) << bits]
            let total = cell.reduce(0, +)
            guard total > 0 else { continue }
            for count in cell where count > 0 {
                conditional -= count / n * (count / total).logarithm / 2.0.logarithm
            }
        }
        return max(0, Double(bits) - conditional)
    }

    /// −½ log2(1 − R²).
    static func information(_ correlation: Double) -> Double {
        let r = min(abs(correlation), 1 - 1e-15)
        return -0.5 * (1 - r * r).logarithm / 2.0.logarithm
    }
}
