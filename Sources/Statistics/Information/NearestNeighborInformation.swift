// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// Mutual information from distances to nearest neighbors: no model of the law, so a cross-check of one.
///
/// Kraskov, Stögbauer and Grassberger, "Estimating mutual information", 2004 (first estimator), and Frenzel and Pompe,
/// "Partial mutual information for coupling analysis", 2007, for the conditional one. For continuous values; equal
/// ones spoil it. O(n²).
public enum NearestNeighborInformation {
    /// I(X;Y), or I(X;Y|Z) where `z` is given, in bits; may come out a little below 0. Nil where there are no more than
    /// `neighbors` points, or not as many of each.
    ///
    /// Scale the coordinates alike: distances are the largest difference of any coordinate.
    ///
    /// - Parameters:
    ///   - x: the points' coordinates: `x[i]` belongs to `y[i]` and `z[i]`.
    ///   - neighbors: k. More of them vary less and are more biased; 4 to 10 are usual.
    public static func bits(
        _ x: [[Double]], _ y: [[Double]], given z: [[Double]] = [], neighbors: Int = 4
    ) -> Double? {
        let count = x.count
        guard y.count == count, z.isEmpty || z.count == count, neighbors > 0, count > neighbors else {
            return nil
        }
        let digamma = digammas(count)
        var sum = 0.0
        var distances = [(x: Double, y: Double, z: Double)](repeating: (0, 0, 0), count: count)
        var nearest = [Double](repeating: 0, count: neighbors)
        for i in 0..<count {
            nearest.indices.forEach { nearest[$0] = .infinity }
            for j in 0..<count {
                let apart = (
                    distance(x[i], x[j]), distance(y[i], y[j]), z.isEmpty ? 0 : distance(z[i], z[j])
                )
                distances[j] = apart
                var farthest = max(apart.0, apart.1, apart.2)
                guard j != i, farthest < nearest[neighbors - 1] else { continue }
                // Insertion into the few nearest, kept in order.
                for rank in nearest.indices where farthest < nearest[rank] { swap(&farthest, &nearest[rank]) }
            }
            // How many lie strictly nearer than the k-th neighbor in each projection.
            let radius = nearest[neighbors - 1]
            var inX = 0
            var inY = 0
            var inZ = 0
            for j in 0..<count where j != i && distances[j].z < radius {
                inZ += 1
                if distances[j].x < radius { inX += 1 }
                if distances[j].y < radius { inY += 1 }
            }
            sum += digamma[inZ + 1] - digamma[inX + 1] - digamma[inY + 1]
        }
        return (digamma[neighbors] + sum / Double(count)) / log(2)
    }

    private static func distance(_ a: [Double], _ b: [Double]) -> Double {
        var largest = 0.0
        for (first, second) in zip(a, b) { largest = max(largest, abs(first - second)) }
        return largest
    }

    /// ψ(n) at index n, 1 to `count`.
    private static func digammas(_ count: Int) -> [Double] {
        var values = [Double.nan, -0.577_215_664_901_532_9]
        for n in 1..<max(1, count) { values.append(values[n] + 1 / Double(n)) }
        return values
    }
}
