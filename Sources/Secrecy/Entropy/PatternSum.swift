// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// The quadrature behind `ErrorPattern`: sums over helper data w, symbol s, x inside the cell, and z.
struct PatternSum {
    let bits: Int
    let helperBits: Int
    let rho: Double
    let eveRho: Double

    var errorEntropy = 0.0
    var errorEntropyGivenSymbol = 0.0
    var errorEntropyGivenComponent = 0.0
    var eveErrorInformation = 0.0
    var eveInformation = 0.0
    var symbolErrors = 0.0
    var bitErrors: [Double]

    private let symbols: Int
    private let helpers: Int
    private let sigma: Double

    /// One point of the quadrature: x in the cell of symbol s, its share of the cell, and P(E|x).
    private struct Node {
        var symbol: Int
        var x: Double
        /// Shares of one cell sum to 1.
        var share: Double
    }

    init(bits: Int, helperBits: Int, rho: Double, eveRho: Double) {
        self.bits = bits
        self.helperBits = helperBits
        self.rho = rho
        self.eveRho = eveRho
        symbols = 1 << bits
        helpers = 1 << helperBits
        sigma = (1 - rho * rho).squareRoot()
        bitErrors = [Double](repeating: 0, count: bits)
    }

    mutating func run() {
        // x → −x maps w to its mirror and leaves E alone: half of the helper values are enough.
        let half = max(1, helpers / 2)
        for w in 0..<half { add(helper: w, weight: 1 / Double(half)) }
    }

    private mutating func add(helper w: Int, weight: Double) {
        let nodes = nodes(helper: w)
        let patterns = patterns(nodes, helper: w)
        // P(E|s,w), then P(E|w).
        var bySymbol = [Double](repeating: 0, count: symbols * symbols)
        for (index, node) in nodes.enumerated() {
            var entropy = 0.0
            for e in 0..<symbols {
                let p = patterns[index &* symbols &+ e]
                bySymbol[node.symbol &* symbols &+ e] += node.share * p
                entropy += plogp(p)
            }
            errorEntropyGivenComponent += weight * node.share * entropy / Double(symbols)
        }
        for e in 0..<symbols {
            var mean = 0.0
            for s in 0..<symbols {
                let p = bySymbol[s &* symbols &+ e]
                mean += p / Double(symbols)
                errorEntropyGivenSymbol += weight * plogp(p) / Double(symbols)
            }
            errorEntropy += weight * plogp(mean)
            if e > 0 { symbolErrors += weight * mean }
            for bit in 0..<bits where e >> (bits - 1 - bit) & 1 == 1 { bitErrors[bit] += weight * mean }
        }
        if eveRho > 0 { addEve(nodes, patterns, weight) }
    }

    /// I(S;E|W,Z) and I(S;Z|W) for one w: a trapezoid over z, which converges exponentially for such integrands.
    private mutating func addEve(_ nodes: [Node], _ patterns: [Double], _ weight: Double) {
        let eveSigma = (1 - eveRho * eveRho).squareRoot()
        let step = 0.4 * eveSigma
        let count = Int((9 / step).rounded(.up))
        var joint = [Double](repeating: 0, count: symbols * symbols)
        for index in -count...count {
            let z = Double(index) * step
            for i in joint.indices { joint[i] = 0 }
            for (n, node) in nodes.enumerated() {
                let kernel = node.share / eveSigma * Normal.density((z - eveRho * node.x) / eveSigma)
                if kernel < 1e-25 { continue }
                let source = n &* symbols
                let target = node.symbol &* symbols
                for e in 0..<symbols { joint[target &+ e] += kernel * patterns[source &+ e] }
            }
            var total = 0.0
            var symbolEntropy = 0.0
            var errorEntropy = 0.0
            var jointEntropy = 0.0
            for s in 0..<symbols {
                var mass = 0.0
                for e in 0..<symbols {
                    mass += joint[s &* symbols &+ e]
                    jointEntropy += plogp(joint[s &* symbols &+ e])
                }
                symbolEntropy += plogp(mass)
                total += mass
            }
            for e in 0..<symbols {
                var mass = 0.0
                for s in 0..<symbols { mass += joint[s &* symbols &+ e] }
                errorEntropy += plogp(mass)
            }
            let whole = plogp(total)
            let scale = weight * step / Double(symbols)
            // I(S;E|z) = H(S) + H(E) − H(S,E), each of unnormalized masses.
            eveErrorInformation += scale * (symbolEntropy + errorEntropy - jointEntropy - whole)
            eveInformation += scale * (total * Double(bits) - (symbolEntropy - whole))
        }
    }

    private func nodes(helper w: Int) -> [Node] {
        let cells = Double(symbols * helpers)
        // Steps as fine as the fastest change: Bob's decision and Eve's kernel, both seen along x.
        var scale = min(1, sigma / max(rho, 1e-3))
        if eveRho > 0 { scale = min(scale, (1 - eveRho * eveRho).squareRoot() / eveRho) }
        scale = max(scale, 1e-3)
        var result: [Node] = []
        for s in 0..<symbols {
            let cell = s * helpers + w
            let low = max(-9, Normal.quantile(Double(cell) / cells))
            let high = min(9, -Normal.quantile((cells - Double(cell + 1)) / cells))
            let pieces = max(1, Int(((high - low) / scale).rounded(.up)))
            let rule = Quadrature.legendre((high - low) < 0.25 * scale ? 4 : 6)
            let first = result.count
            var mass = 0.0
            for piece in 0..<pieces {
                let start = low + (high - low) * Double(piece) / Double(pieces)
                let half = 0.5 * (high - low) / Double(pieces)
                for (t, weight) in zip(rule.nodes, rule.weights) {
                    let x = start + half * (1 + t)
                    let share = weight * half * Normal.density(x)
                    mass += share
                    result.append(Node(symbol: s, x: x, share: share))
                }
            }
            for index in first..<result.count { result[index].share /= mass }
        }
        return result
    }

    /// P(E|x) for every node, error pattern running fastest.
    private func patterns(_ nodes: [Node], helper w: Int) -> [Double] {
        let edges = (1..<symbols).map { j -> Double in
            if helpers == 1 { return Normal.quantile(Double(j) / Double(symbols)) }
            return 0.5 * rho * (candidate(j - 1, w) + candidate(j, w))
        }
        var result = [Double](repeating: 0, count: nodes.count * symbols)
        for (index, node) in nodes.enumerated() {
            let label = node.symbol ^ node.symbol >> 1
            var before = 0.0
            for j in 0..<symbols {
                let after: Double
                if j + 1 == symbols {
                    after = 1
                } else {
                    let t = (edges[j] - rho * node.x) / sigma
                    after = t < -9 ? 0 : t > 9 ? 1 : Normal.cumulative(t)
                }
                result[index &* symbols &+ (label ^ j ^ j >> 1)] = max(0, after - before)
                before = after
            }
        }
        return result
    }

    /// The midpoint candidate of symbol i for helper data w (saturated as Bob's is, at probabilities of 1e−12).
    private func candidate(_ i: Int, _ w: Int) -> Double {
        let u = (Double(i) + (Double(w) + 0.5) / Double(helpers)) / Double(symbols)
        return Normal.quantile(min(1 - 1e-12, max(1e-12, u)))
    }
}
