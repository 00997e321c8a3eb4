// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// The conditional law of one zero-leakage symbol S given its helper value W and a Gaussian predictor Z, for Rényi
/// entropies of every order.
///
/// Z is everything that the past and Eve know, of multiple correlation R with the component: X given z is normal with
/// mean R z and variance 1 − R². Every cell's probability has a closed form and only z is integrated, by a trapezoid,
/// which converges exponentially for such integrands. No random numbers: everybody computes the same.
struct RenyiSymbol {
    /// P(s|w,z) for each z and w, the symbols side by side; zeros where the helper value is impossible.
    private let shares: [Double]
    /// Weight of each (z, w): P(w|z) φ(z), normalized.
    private let weights: [Double]
    private let symbols: Int

    /// Correlations above this are taken as this.
    private static let largest = 1 - 1e-6

    /// The steps of the trapezoid over z ≥ 0.
    private static func grid(_ r: Double) -> (step: Double, places: Int) {
        let step = min(0.25, max(0.25 * (1 - r * r).squareRoot(), 2e-3))
        return (step, r > 0 ? Int((9 / step).rounded(.up)) : 0)
    }

    /// Cells that the law of such a symbol holds: what it takes in memory and time.
    static func size(bits: Int, helperBits: Int, correlation: Double) -> Int {
        (grid(min(max(correlation, 0), largest)).places + 1) << (bits + helperBits)
    }

    /// Nil outside 1 ≤ M ≤ 8, 0 ≤ B ≤ 8, M + B ≤ 12, 0 ≤ R ≤ 1; correlations above 1 − 1e−6 are taken as that.
    init?(bits: Int, helperBits: Int, correlation: Double) {
        guard (1...8).contains(bits), (0...8).contains(helperBits), bits + helperBits <= 12,
            correlation >= 0, correlation <= 1
        else { return nil }
        let r = min(correlation, Self.largest)
        let sigma = (1 - r * r).squareRoot()
        symbols = 1 << bits
        let helpers = 1 << helperBits
        let cells = helpers << bits
        let edges = (1..<cells).map { Normal.quantile(Double($0) / Double(cells)) }
        // z → −z mirrors the cells and changes no sum: half of the axis is enough.
        let (step, places) = Self.grid(r)
        var shares: [Double] = []
        var weights: [Double] = []
        shares.reserveCapacity((places + 1) * cells)
        weights.reserveCapacity((places + 1) * helpers)
        var mass = 0.0
        for place in 0...places {
            let z = Double(place) * step
            let weight = Normal.density(z) * (place == 0 ? 1 : 2)
            mass += weight
            var joint = [Double](repeating: 0, count: cells)
            for cell in 0..<cells {
                // From the nearer end, so that small cells keep their digits.
                let low = cell == 0 ? -Double.infinity : (edges[cell - 1] - r * z) / sigma
                let high = cell + 1 == cells ? Double.infinity : (edges[cell] - r * z) / sigma
                let probability =
                    low > 0
                    ? Normal.upperTail(low) - Normal.upperTail(high)
                    : Normal.cumulative(high) - Normal.cumulative(low)
                joint[cell] = max(0, probability)
            }
            for helper in 0..<helpers {
                var total = 0.0
                for symbol in 0..<symbols { total += joint[symbol << helperBits | helper] }
                weights.append(weight * total)
                for symbol in 0..<symbols {
                    shares.append(total > 0 ? joint[symbol << helperBits | helper] / total : 0)
                }
            }
        }
        self.shares = shares
        self.weights = weights.map { $0 / mass }
    }

    /// H_α(S|W,Z) = −1/(α−1) · log2 E_{w,z}[Σ_s P(s|w,z)^α], bits; falls with α and never exceeds H(S|W,Z).
    ///
    /// - Precondition: α > 1.
    func entropy(order: Double) -> Double {
        precondition(order > 1, "a Rényi entropy of this kind needs an order above 1")
        var mean = 0.0
        var place = 0
        for weight in weights {
            var sum = 0.0
            for share in shares[place..<place + symbols] where share > 0 { sum += pow(share, order) }
            mean += weight * sum
            place += symbols
        }
        return max(0, -log2(mean) / (order - 1))
    }

    /// Every P(s|w,z) with the weight of its (z, w), for enumeration in tests.
    var atoms: [(share: Double, weight: Double)] {
        shares.indices.map { (shares[$0], weights[$0 / symbols]) }
    }

    /// H(S|W,Z), bits: the limit of α = 1.
    var shannon: Double {
        var mean = 0.0
        var place = 0
        for weight in weights {
            for share in shares[place..<place + symbols] { mean += weight * plogp(share) }
            place += symbols
        }
        return mean
    }
}
