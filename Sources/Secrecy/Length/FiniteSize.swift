// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// The finite-size penalty D_AEP: what the min-entropy of a block of independent symbols may lie below its
/// Shannon entropy.
public enum FiniteSize {
    /// Which bound was used. Bound B is a bound of the entropy itself: `RenyiBound`.
    public enum Bound: String, Sendable, Hashable, Codable {
        /// Holenstein and Renner, arXiv cs/0608007: n log2(|S| + 3) √(2 log2(1/ε_s)/n). The default.
        case a = "A"
        /// The quantum-side-information bound: 4 √(n log2(2/ε_s²)) log2(|S| + 1). "Most conservative".
        case c = "C"
    }

    /// The penalty in bits for `symbols` symbols of an alphabet of `alphabet` letters; 0 for no symbols.
    public static func penalty(_ bound: Bound = .a, symbols: Int, alphabet: Int, epsilon: Double) -> Double {
        guard symbols > 0 else { return 0 }
        let n = Double(symbols)
        switch bound {
        case .a: return n * log2(Double(alphabet) + 3) * (2 * log2(1 / epsilon) / n).squareRoot()
        case .c: return 4 * (n * log2(2 / (epsilon * epsilon))).squareRoot() * log2(Double(alphabet) + 1)
        }
    }

    /// Symbols of one alphabet, and their part of the penalty.
    public struct Group: Sendable, Hashable, Codable {
        public var symbols: Int
        public var alphabet: Int
        /// ε_s of this group; those of all groups add up to ε_s.
        public var epsilon: Double
        public var penalty: Double
    }

    /// The smaller of two valid penalties for symbols of several alphabets: all of them under the largest
    /// alphabet with the whole ε_s, or each alphabet alone with an equal share of ε_s (the min-entropies and the
    /// ε of independent groups add).
    ///
    /// - Parameter symbols: how many symbols have M bits, by M.
    public static func groups(_ bound: Bound = .a, symbols: [Int: Int], epsilon: Double) -> [Group] {
        let present = symbols.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        guard let largest = present.last?.key else { return [] }
        func group(_ count: Int, _ bits: Int, _ epsilon: Double) -> Group {
            let alphabet = 1 << bits
            return Group(
                symbols: count, alphabet: alphabet, epsilon: epsilon,
                penalty: penalty(bound, symbols: count, alphabet: alphabet, epsilon: epsilon))
        }
        let whole = [group(present.reduce(0) { $0 + $1.value }, largest, epsilon)]
        let split = present.map { group($0.value, $0.key, epsilon / Double(present.count)) }
        let cost = { (groups: [Group]) in groups.reduce(0) { $0 + $1.penalty } }
        return cost(split) < cost(whole) ? split : whole
    }
}
