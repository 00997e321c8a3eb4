// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Synchronization

/// Nodes and weights of a quadrature rule, ascending.
public struct Quadrature: Sendable, Hashable {
    public let nodes: [Double]
    public let weights: [Double]

    /// Σ wᵢ f(xᵢ).
    public func integrate(_ f: (Double) -> Double) -> Double {
        var sum = 0.0
        for index in nodes.indices { sum += weights[index] * f(nodes[index]) }
        return sum
    }

    /// Gauss–Legendre on [−1, 1], exact to degree 2·`count` − 1. Computed once, then remembered.
    public static func legendre(_ count: Int) -> Quadrature { cached(Key(family: 0, count: count)) }

    /// Gauss–Hermite for the standard normal weight: Σ wᵢ f(xᵢ) ≈ E[f(X)], Σ wᵢ = 1.
    public static func normal(_ count: Int) -> Quadrature { cached(Key(family: 1, count: count)) }

    /// Gauss–Legendre carried over to [`low`, `high`].
    public static func legendre(_ count: Int, from low: Double, to high: Double) -> Quadrature {
        let rule = legendre(count)
        let half = 0.5 * (high - low)
        let middle = 0.5 * (high + low)
        return Quadrature(
            nodes: rule.nodes.map { middle + half * $0 }, weights: rule.weights.map { half * $0 })
    }

    private struct Key: Hashable {
        var family: Int
        var count: Int
    }

    private static let cache = Mutex<[Key: Quadrature]>([:])

    private static func cached(_ key: Key) -> Quadrature {
        precondition(key.count >= 1 && key.count <= 1024, "a quadrature rule needs 1 to 1024 nodes")
        if let known = cache.withLock({ $0[key] }) { return known }
        let made = key.family == 0 ? makeLegendre(key.count) : makeNormal(key.count)
        cache.withLock { $0[key] = made }
        return made
    }

    private static func makeLegendre(_ n: Int) -> Quadrature {
        var nodes = [Double](repeating: 0, count: n)
        var weights = nodes
        for i in 0..<(n + 1) / 2 {
            var x = cos(Double.pi * (Double(i) + 0.75) / (Double(n) + 0.5))
            var slope = 1.0
            for _ in 0..<100 {
                var previous = 1.0
                var value = x
                for k in stride(from: 2, through: n, by: 1) {
                    (previous, value) = (
                        value, (Double(2 * k - 1) * x * value - Double(k - 1) * previous) / Double(k)
                    )
                }
                if n == 1 { (previous, value) = (1, x) }
                slope = Double(n) * (x * value - previous) / (x * x - 1)
                let step = value / slope
                x -= step
                if abs(step) < 1e-16 { break }
            }
            if n % 2 == 1, i == n / 2 { x = 0 }
            nodes[i] = -x
            nodes[n - 1 - i] = x
            let weight = 2 / ((1 - x * x) * slope * slope)
            weights[i] = weight
            weights[n - 1 - i] = weight
        }
        return Quadrature(nodes: nodes, weights: weights)
    }

    /// Golub and Welsch: the nodes are the eigenvalues of the Jacobi matrix with off-diagonal √k; the
    /// weights are the Christoffel numbers 1/Σ h_k(x)², h_k the orthonormal Hermite polynomials.
    private static func makeNormal(_ n: Int) -> Quadrature {
        var diagonal = [Double](repeating: 0, count: n)
        var offDiagonal = (0..<n).map { Double($0).squareRoot() }
        var none = Matrix(rows: 0, columns: n)
        SymmetricEigen.diagonalize(&diagonal, &offDiagonal, vectors: &none)
        var nodes = diagonal.sorted()
        var weights = [Double](repeating: 0, count: n)
        for i in 0..<n {
            // Symmetry removes the last rounding; one Newton step removes the rest.
            var x = nodes[i]
            for _ in 0..<2 {
                let (value, before, _) = hermite(n, x)
                let step = value / (Double(n).squareRoot() * before)
                if step.isFinite { x -= step }
            }
            nodes[i] = x
            weights[i] = 1 / hermite(n, x).squares
        }
        for i in 0..<n / 2 {
            let x = 0.5 * (nodes[n - 1 - i] - nodes[i])
            (nodes[i], nodes[n - 1 - i]) = (-x, x)
        }
        if n % 2 == 1 { nodes[n / 2] = 0 }
        return Quadrature(nodes: nodes, weights: weights)
    }

    /// h_n(x), h_{n−1}(x) and Σ_{k<n} h_k(x)², orthonormal for the normal density.
    private static func hermite(_ n: Int, _ x: Double) -> (value: Double, before: Double, squares: Double) {
        var before = 0.0
        var value = 1.0
        var squares = 0.0
        for k in 0..<n {
            squares += value * value
            (before, value) = (
                value, (x * value - Double(k).squareRoot() * before) / Double(k + 1).squareRoot()
            )
        }
        return (value, before, squares)
    }
}
