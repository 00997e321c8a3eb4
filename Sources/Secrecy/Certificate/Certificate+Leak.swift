// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

extension Certificate {
    /// The leak of reconciliation and the other leak, each from its own items.
    func verifyLeak() -> [String] {
        var faults = Self.difference(
            "Σ n c_err", terms.errorPattern,
            terms.components.reduce(0) { $0 + Double($1.symbols) * $1.errorPatternCharge })
        let backward = terms.leakRule == .errorPattern ? terms.errorPattern : terms.leakBackward
        faults += Self.difference("leak_EC", terms.leakReconciliation, terms.leakForward + backward)
        faults += verifyDirections() + verifyRule()
        faults += Self.difference(
            "leak_other", terms.leakOther, terms.otherItems.reduce(0) { $0 + $1.bits })
        let injected = KeyLength.injected(threatModel, terms.components).reduce(0) { $0 + $1.bits }
        let stated = terms.otherItems.filter { $0.name == KeyLength.injectedName }.reduce(0) { $0 + $1.bits }
        // More may be credited nothing than the threat model asks for.
        if stated.isNaN || stated < injected {
            faults += Self.difference("charge for f_max", stated, injected)
        }
        return faults
    }

    /// Each direction is the sum of its own items: what was said forward and is declared backward isn't charged where
    /// the error pattern stands for backward bits.
    private func verifyDirections() -> [String] {
        let items = terms.reconciliationItems
        // A key can't do without (`verifyMessages`); a refusal may have come before there were any.
        guard !items.isEmpty else { return [] }
        func sum(_ direction: String) -> Double {
            items.filter { $0.direction == direction }.reduce(0) { $0 + $1.bits }
        }
        return items.filter { $0.kind == nil }.map {
            "reconciliation, \"\($0.name)\": neither forward nor backward"
        }
            + Self.difference("reconciliation by message type, forward", terms.leakForward, sum("forward"))
            + Self.difference("reconciliation by message type, backward", terms.leakBackward, sum("backward"))
    }

    private func verifyRule() -> [String] {
        var faults: [String] = []
        if terms.leakRule == .errorPattern, !terms.patternCoversBackward {
            faults.append("the error pattern was charged where it doesn't cover what the responder said")
        }
        // A NaN makes the comparison false, as in `KeyLength.terms`.
        let isCheaper = terms.patternCoversBackward && terms.errorPattern < terms.leakBackward
        if (terms.leakRule == .errorPattern) != isCheaper {
            faults.append("leak_EC isn't the smaller of both rules")
        }
        return faults
    }

    /// What reconciliation of a key must have said, and whether the error pattern covers it.
    func verifyMessages() -> [String] {
        var faults: [String] = []
        if terms.reconciliationItems.isEmpty { faults.append("reconciliation isn't told by message type") }
        if terms.patternCoversBackward, !isCoveredByPattern {
            faults.append(
                "the error pattern is said to cover what the responder said, which holds for Cascade's parities "
                    + "alone, each of which was answered by one bit")
        }
        return faults
    }

    /// Whether the messages are of the kind that follows from the initiator's and the error pattern: hard decisions on
    /// her parities, one bit for one bit. LDPC's verdicts go by log-likelihoods.
    private var isCoveredByPattern: Bool {
        var forward = 0.0
        var backward = 0.0
        for item in terms.reconciliationItems {
            switch (item.kind, item.direction) {
            case ("parity", "forward"): forward += item.bits
            case ("parity", "backward"): backward += item.bits
            // The initiator's own hashes are charged as they were sent.
            case ("verificationHash", "forward"): break
            default: return false
            }
        }
        return forward == backward
    }

    /// What every key of the product told besides: the two length messages, and what a feature publishes of the block.
    func verifyOtherItems() -> [String] {
        verifyLengthMessages() + verifyFeatureItems()
    }

    /// Each of the two says one of 0, 256, … up to what the terms without them allow (`LengthAgreement`).
    private func verifyLengthMessages() -> [String] {
        let said = ["length forward", "length backward"].map { name in
            (name: name, items: terms.otherItems.filter { $0.name == name })
        }
        let missing = said.filter { $0.items.count != 1 }
        guard missing.isEmpty else {
            return missing.map { "other leak: \($0.name) must be there once, and is \($0.items.count) times" }
        }
        let limit = terms.model + said.reduce(0) { $0 + $1.items[0].bits }
        // The sum is taken in another order here: where it lies at a whole number, either side of it is right.
        let possible = [0, -1e-6, 1e-6].map { offset in
            log2(
                Double(
                    (KeyLength.whole(limit + offset).map { KeyLength.rounded($0, nil) } ?? 0)
                        / KeyLength.granule + 1))
        }
        return said.flatMap { message -> [String] in
            let bits = message.items[0].bits
            let faults = possible.map { Self.difference(message.name, bits, $0) }
            return faults.contains([]) ? [] : faults[0]
        }
    }

    private func verifyFeatureItems() -> [String] {
        func bits(_ name: String) -> Double? {
            let items = terms.otherItems.filter { $0.name == name }
            return items.isEmpty ? nil : items.reduce(0) { $0 + $1.bits }
        }
        switch KeyedFeature(terms.components) {
        case .recorded:
            // Four bits a segment of 128 pairs, and a symbol takes one pair at the least.
            let least = 4 * ((Double(terms.symbols) / 128).rounded(.up) + 1)
            return bits("segmentClass forward") ?? 0 >= least
                ? [] : ["other leak: the classes of the block's segments take \(least) bits at the least"]
        case .synchronized:
            let flags = [bits("lockFlag forward"), bits("lockFlag backward")]
            return flags[0] == flags[1] && flags[0] ?? 0 >= 1
                ? [] : ["other leak: the flags of the block's synchronization aren't there, one each way"]
        case .gains: return []
        }
    }
}

extension LengthTerms.Item {
    /// The second word of the name, where it is "forward" or "backward".
    fileprivate var direction: String? {
        ["forward", "backward"].first { name.hasSuffix(" \($0)") }
    }

    /// What stands before the direction: the kind of the messages; nil where there is no direction, or nothing else.
    fileprivate var kind: String? {
        direction.flatMap { name.count > $0.count + 1 ? String(name.dropLast($0.count + 1)) : nil }
    }
}
