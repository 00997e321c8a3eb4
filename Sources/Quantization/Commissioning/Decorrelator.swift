// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

func exponentiate(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// The pair of linear maps that bring both ends' features to the same components.
///
/// The initiator's is the Karhunen–Loève transform of her commissioned covariance (or a selection of DCT
/// coefficients); the responder's predicts her components from his features by linear minimum mean square error,
/// which also takes out what their hardware filters differ in. Both come from published samples, so neither end
/// computes eigenvectors of its own: independent transforms would differ in sign and rotation.
struct Decorrelator {
    let initiator: LinearMap
    let responder: LinearMap

    init?(_ kind: Decorrelation, _ a: FeatureMatrix, _ b: FeatureMatrix, limit: Int) {
        let meanA = Self.mean(a)
        let meanB = Self.mean(b)
        switch kind {
        case .identity:
            let all = Array(0..<min(a.columns, limit))
            initiator = LinearMap(mean: meanA, selection: all)
            responder = LinearMap(mean: meanB, selection: all)
        case .dct:
            let power = (0..<a.columns).map { Series.variance(a.column($0)) }
            let strongest = power.indices.sorted { power[$0] > power[$1] }.prefix(limit)
            initiator = LinearMap(mean: meanA, selection: Array(strongest))
            responder = LinearMap(mean: meanB, selection: Array(strongest))
        case .klt:
            let aa = Self.covariance(a, meanA, a, meanA)
            guard aa.isFinite, let eigen = SymmetricEigen(aa) else { return nil }
            let order = eigen.values.indices.sorted { eigen.values[$0] > eigen.values[$1] }
            let kept = order.prefix(min(limit, a.columns)).filter {
                eigen.values[$0] > 1e-9 * eigen.values[order[0]]
            }
            guard !kept.isEmpty, eigen.values[order[0]] > 0 else { return nil }
            let weights = kept.map { eigen.vectors.column($0) }
            initiator = LinearMap(mean: meanA, weights: weights)
            var bb = Self.covariance(b, meanB, b, meanB)
            var trace = 0.0
            for i in 0..<bb.rows { trace += bb[i, i] }
            for i in 0..<bb.rows { bb[i, i] += 1e-9 * trace / Double(bb.rows) + 1e-30 }
            let ba = Self.covariance(b, meanB, a, meanA)
            let projection = Matrix(rows: a.columns, columns: weights.count) { weights[$1][$0] }
            guard let solved = Cholesky(bb)?.solve(ba * projection), solved.isFinite else { return nil }
            responder = LinearMap(mean: meanB, weights: (0..<weights.count).map { solved.column($0) })
        }
    }

    private static func mean(_ m: FeatureMatrix) -> [Double] {
        var sums = [Double](repeating: 0, count: m.columns)
        for row in 0..<m.rows {
            for column in 0..<m.columns { sums[column] += Double(m[row, column]) }
        }
        return sums.map { $0 / Double(max(m.rows, 1)) }
    }

    private static func covariance(
        _ a: FeatureMatrix, _ meanA: [Double], _ b: FeatureMatrix, _ meanB: [Double]
    ) -> Matrix {
        var sums = [Double](repeating: 0, count: a.columns * b.columns)
        var left = [Double](repeating: 0, count: a.columns)
        var right = [Double](repeating: 0, count: b.columns)
        for row in 0..<a.rows {
            for i in 0..<a.columns { left[i] = Double(a[row, i]) - meanA[i] }
            for j in 0..<b.columns { right[j] = Double(b[row, j]) - meanB[j] }
            for i in 0..<a.columns {
                let value = left[i]
                let base = i * b.columns
                for j in 0..<b.columns { sums[base + j] += value * right[j] }
            }
        }
        let n = Double(max(a.rows, 1))
        return Matrix(rows: a.columns, columns: b.columns, elements: sums.map { $0 / n })
    }
}

extension LinearMap {
    /// The map with only the given components, in that order.
    func keeping(_ components: [Int]) -> LinearMap {
        LinearMap(
            mean: mean, weights: weights.isEmpty ? [] : components.map { weights[$0] },
            selection: selection.isEmpty ? [] : components.map { selection[$0] })
    }
}
