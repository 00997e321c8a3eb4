// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// What the components of one snapshot tell about each other beyond their (removed) linear correlation.
///
/// Phase reference and amplitude make components of one snapshot dependent although they are uncorrelated. For
/// each component, in order, the score and its second Hermite function are predicted from the earlier
/// components' scores, squares and products; the upper bound of the summed information is charged. An estimate from
/// such a predictor is not a bound on every dependence (it finds 1.4 bits where 6.5 were computed for aligned gains),
/// so never less is charged than the linearized estimate for a canonical 20-dB snapshot, 9 bits, or 0.6 bit for each
/// further component where there are few.
struct SnapshotDependence {
    static let floorBits = 9.0
    static let floorPerComponent = 0.6
    static let productComponents = 8

    /// Charged bits for each snapshot.
    let charge: Double

    /// - Parameters:
    ///   - scores: the selected components in the order of the chain rule, `scores[component][row]`.
    ///   - bound: upper bound of a sum of informations, from their sum and the number of coefficients behind it.
    init(scores: [[Double]], bound: (_ information: Double, _ coefficients: Int) -> Double) {
        guard scores.count > 1 else {
            charge = 0
            return
        }
        let rows = min(scores[0].count, 8000)
        let k = scores.count
        var pairs: [(Int, Int)] = []
        for i in 0..<min(k, Self.productComponents) { for j in 0..<i { pairs.append((i, j)) } }
        // One joint covariance of scores, squares and products serves every prediction.
        let width = 2 * k + pairs.count
        var data = Matrix(rows: rows, columns: width)
        for row in 0..<rows {
            for i in 0..<k {
                let x = scores[i][row]
                data[row, i] = x
                data[row, k + i] = SampleStatistics.hermite2(x)
            }
            for (index, (i, j)) in pairs.enumerated() {
                data[row, 2 * k + index] = scores[i][row] * scores[j][row]
            }
        }
        let covariance = data.covariance
        var sum = 0.0
        var coefficients = 0
        for target in 1..<k {
            let regressors =
                Array(0..<target) + Array(k..<k + target)
                + pairs.indices.filter { pairs[$0].0 < target }.map { 2 * k + $0 }
            let fit = Regression(
                covariance: covariance, regressors: regressors, targets: [target, k + target])
            for correlation in fit?.multipleCorrelations ?? [1, 1] {
                sum += SampleStatistics.information(correlation)
                coefficients += regressors.count
            }
        }
        charge = max(bound(sum, coefficients), min(Self.floorBits, Self.floorPerComponent * Double(k - 1)))
    }
}
