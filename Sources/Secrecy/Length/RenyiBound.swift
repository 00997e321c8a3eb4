// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// Bound B on the min-entropy of a block: Rényi entropies of the symbols in place of Shannon entropies and a
/// finite-size penalty. **Printed beside bound A, never used.**
///
/// For independent symbols, any α > 1 and ε_s,
///
/// ```
/// H_min^{ε_s}(S^n | W^n, Z^n) ≥ Σ n_k H_α,k − log2(1/ε_s)/(α − 1)
/// ```
///
/// by Markov's inequality on Π P(s|w,z)^(α−1). The product step needs independent factors, and where the channel has
/// a memory they aren't (Documentation/secrecy.md, "Bound B").
public struct RenyiBound: Sendable, Hashable, Codable {
    /// α, the order that gives the most.
    public var order: Double
    /// H_α,k of each component, bits per symbol, in the order of the components.
    public var entropies: [Double]
    /// log2(1/ε_s)/(α − 1).
    public var penalty: Double
    /// The bound, bits; may be negative.
    public var minEntropy: Double

    /// A component for this bound: n_k, M_k, B_k and c_k, upper confidence bounds inside.
    struct Part {
        var symbols: Int
        var bits: Int
        var helperBits: Int
        var charge: Double

        init(_ component: LengthTerms.Component) {
            symbols = component.symbols
            bits = component.bits
            helperBits = component.helperBits
            charge = component.charge
        }

        /// R of a Gaussian predictor that knows c_k bits: past, Eve and the deficit of uniformity as though it were
        /// knowledge, each by its upper confidence bound.
        var correlation: Double { (1 - exp2(-2 * max(charge, 0))).squareRoot() }
    }

    /// The largest bound over α, searched in 1 + 1e−4 … 17 by golden section; every α is valid.
    ///
    /// Nil where there are no symbols, where a component is none that a symbol law exists for, or where there are far
    /// more of them than any plan has.
    init?(_ components: [LengthTerms.Component], epsilon: Double) {
        guard let laws = Self.laws(components), epsilon > 0, epsilon < 1 else { return nil }
        let parts = components.map(Part.init)
        func value(_ logarithm: Double) -> Double {
            Self(parts, laws, epsilon: epsilon, order: 1 + exp(logarithm)).minEntropy
        }
        var low = log(1e-4)
        var high = log(16.0)
        let golden = 0.5 * (5.0.squareRoot() - 1)
        var left = high - golden * (high - low)
        var right = low + golden * (high - low)
        var (a, b) = (value(left), value(right))
        for _ in 0..<20 {
            if a > b {
                (high, right, b) = (right, left, a)
                left = high - golden * (high - low)
                a = value(left)
            } else {
                (low, left, a) = (left, right, b)
                right = low + golden * (high - low)
                b = value(right)
            }
        }
        self.init(parts, laws, epsilon: epsilon, order: 1 + exp(a > b ? left : right))
    }

    /// The bound at a given order, to check a stated one. Nil as above, or for an order that isn't above 1.
    init?(_ components: [LengthTerms.Component], epsilon: Double, order: Double) {
        guard order > 1, order <= 1e6, epsilon > 0, epsilon < 1, let laws = Self.laws(components) else {
            return nil
        }
        self.init(components.map(Part.init), laws, epsilon: epsilon, order: order)
    }

    private init(_ parts: [Part], _ laws: Laws, epsilon: Double, order: Double) {
        self.order = order
        let values = laws.different.map { $0.entropy(order: order) }
        entropies = laws.places.map { values[$0] }
        penalty = log2(1 / epsilon) / (order - 1)
        minEntropy = zip(parts, entropies).reduce(0) { $0 + Double($1.0.symbols) * $1.1 } - penalty
    }

    /// Cells of all laws together at the most: a certificate from outside must not cost more than any real one.
    private static let budget = 1 << 23

    private struct Shape: Hashable {
        var bits: Int
        var helperBits: Int
        var correlation: Double
    }

    /// The laws that differ, and which of them each component has.
    private struct Laws {
        var different: [RenyiSymbol] = []
        var places: [Int] = []
    }

    private static func laws(_ components: [LengthTerms.Component]) -> Laws? {
        var known: [Shape: Int] = [:]
        var laws = Laws()
        var size = 0
        for part in components.map(Part.init) {
            guard (0...(1 << 40)).contains(part.symbols), part.charge.isFinite, (1...8).contains(part.bits),
                (0...8).contains(part.helperBits)
            else { return nil }
            let shape = Shape(bits: part.bits, helperBits: part.helperBits, correlation: part.correlation)
            if known[shape] == nil {
                size += RenyiSymbol.size(
                    bits: part.bits, helperBits: part.helperBits, correlation: part.correlation)
                guard size <= budget,
                    let law = RenyiSymbol(
                        bits: part.bits, helperBits: part.helperBits, correlation: part.correlation)
                else { return nil }
                known[shape] = laws.different.count
                laws.different.append(law)
            }
            laws.places.append(known[shape] ?? 0)
        }
        return laws.places.isEmpty ? nil : laws
    }
}
