// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

extension Certificate {
    /// c_err from the component's own M, B, ρ and bound of ρ: the certificate holds all that it depends on. Whether ρ and
    /// its bound are true isn't in the file.
    ///
    /// A larger charge than that costs nobody a secret, and is none of this check's business.
    func verifyErrorPattern() -> [String] {
        var charges = PatternCharges()
        var faults: [String] = []
        for part in terms.components {
            guard let least = charges.least(part) else {
                return faults + ["c_err of \(part.name): more error patterns than any plan has"]
            }
            if !(part.errorPatternCharge >= least - 1e-9) {
                faults.append(
                    "c_err of \(part.name): \(part.errorPatternCharge) bits are less than the \(least) that its "
                        + "correlation tells")
            }
        }
        return faults
    }
}

/// The least that the error pattern of a component must be charged, as commissioning does it: the largest I(X;E|W) over
/// the interval of ρ.
struct PatternCharges {
    private struct Key: Hashable {
        var bits: Int
        var helperBits: Int
        var node: Int
    }

    private var known: [Key: Double] = [:]
    /// Nodes that may still be computed, of at most six bits.
    private var left: Int

    /// - Parameter budget: a certificate from outside must not cost more than any real one, which has a few hundred nodes.
    init(budget: Int = 2048) { left = budget }

    /// Nil where too much was asked.
    mutating func least(_ part: LengthTerms.Component) -> Double? {
        let all = Double(part.bits)
        guard part.correlation > 0, part.correlation <= 1, part.correlationLowerBound.isFinite else {
            return all
        }
        let interval = PatternInterval(
            correlation: part.correlation, lowerBound: part.correlationLowerBound)
        var most = 0.0
        for node in interval.nodes {
            guard let charge = charge(part, node) else { return nil }
            most = max(most, charge)
        }
        return PatternInterval.charge(bits: part.bits, largest: most)
    }

    private mutating func charge(_ part: LengthTerms.Component, _ node: Int) -> Double? {
        let key = Key(bits: part.bits, helperBits: part.helperBits, node: node)
        if let charge = known[key] { return charge }
        // One more bit takes up to four times as long.
        left -= 1 << max(0, 2 * (part.bits - 6))
        guard left >= 0 else { return nil }
        let pattern = ErrorPattern(
            bits: part.bits, helperBits: part.helperBits, correlation: PatternInterval.correlation(at: node))
        // Where there is no law, everything is taken to be told.
        let charge = pattern?.componentCharge ?? Double(part.bits)
        known[key] = charge
        return charge
    }
}
