// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// What the responder's sample Y and the helper data W leave of the initiator's symbol S: the Shannon limit of
/// reconciliation with log-likelihoods.
///
/// The model is that of `ErrorPattern`: X given y is normal with mean ρ y and variance 1 − ρ², so that every
/// probability has a closed form and only y is integrated, by deterministic quadrature.
public enum SymbolUncertainty {
    /// H(S|W,Y), bits per symbol. Nil outside 1 ≤ M ≤ 8, 0 ≤ B ≤ 8, M + B ≤ 12, 0 ≤ ρ ≤ 1; correlations above
    /// 1 − 1e−7 are taken as that.
    public static func symbol(bits: Int, helperBits: Int, correlation: Double) -> Double? {
        integrate(bits: bits, helperBits: helperBits, correlation: correlation, values: 1) { cells, helper in
            var entropy = 0.0
            for p in cells { entropy += plogp(p) }
            return [entropy - plogp(helper)]
        }?[0]
    }

    /// H(bit|W,Y) of each bit of the Gray label, most significant first, each in 0 to 1. Nil as for `symbol`.
    ///
    /// Their sum is what a decoder pays that takes the bits one by one; it is never below H(S|W,Y).
    public static func labelBits(bits: Int, helperBits: Int, correlation: Double) -> [Double]? {
        integrate(bits: bits, helperBits: helperBits, correlation: correlation, values: bits) {
            cells, helper in
            (0..<bits).map { place in
                var one = 0.0
                for symbol in cells.indices where (symbol ^ symbol >> 1) >> (bits - 1 - place) & 1 == 1 {
                    one += cells[symbol]
                }
                return max(0, plogp(one) + plogp(max(0, helper - one)) - plogp(helper))
            }
        }?.map { min(1, $0) }
    }

    /// H(bit|W,Y, more significant bits) of each bit of the Gray label, most significant first, each in 0 to 1. Nil
    /// as for `symbol`, and the sum of it: the chain rule.
    ///
    /// What a decoder pays that takes one bit after the other.
    public static func stagedBits(bits: Int, helperBits: Int, correlation: Double) -> [Double]? {
        integrate(bits: bits, helperBits: helperBits, correlation: correlation, values: bits) {
            cells, helper in
            // Entropy of the leading bits, for 0, 1, … of them; symbols with equal leading bits lie together.
            var before = 0.0
            return (1...bits).map { known in
                let width = 1 << (bits - known)
                var entropy = -plogp(helper)
                for start in Swift.stride(from: 0, to: cells.count, by: width) {
                    entropy += plogp(cells[start..<start + width].reduce(0, +))
                }
                defer { before = entropy }
                return max(0, entropy - before)
            }
        }?.map { min(1, $0) }
    }

    /// The mean over y of the sum over w of `term`, which is given P(s, w | y) over s, and P(w | y).
    private static func integrate(
        bits: Int, helperBits: Int, correlation: Double, values: Int,
        _ term: (_ cells: [Double], _ helper: Double) -> [Double]
    ) -> [Double]? {
        guard (1...8).contains(bits), (0...8).contains(helperBits), bits + helperBits <= 12,
            correlation >= 0, correlation <= 1
        else { return nil }
        let rho = min(correlation, 1 - 1e-7)
        let sigma = (1 - rho * rho).squareRoot()
        let helpers = 1 << helperBits
        let cells = helpers << bits
        let edges = (1..<cells).map { Normal.quantile(Double($0) / Double(cells)) }
        let step = min(0.25, max(0.5 * sigma, 0.002))
        var total = [Double](repeating: 0, count: values)
        var mass = 0.0
        for index in Int(-9 / step)...Int(9 / step) {
            let y = Double(index) * step
            let weight = Normal.density(y)
            var joint = [[Double]](repeating: [], count: helpers)
            var before = 0.0
            for cell in 0..<cells {
                let after = cell + 1 == cells ? 1 : Normal.cumulative((edges[cell] - rho * y) / sigma)
                joint[cell % helpers].append(max(0, after - before))
                before = after
            }
            for symbols in joint {
                for (place, value) in term(symbols, symbols.reduce(0, +)).enumerated() {
                    total[place] += weight * value
                }
            }
            mass += weight
        }
        return total.map { max(0, $0 / mass) }
    }
}
