// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

extension KeyLength {
    /// Everything about the inputs that forbids a key, in words.
    static func faults(_ inputs: KeyLengthInputs) -> [String] {
        var faults =
            inputs.threatModel.refusals + inputs.epsilons.faults
            + preSharedKeyFaults(inputs.threatModel, consumed: inputs.authenticationBits)
        if inputs.components.isEmpty { faults.append("no component: nothing was keyed") }
        let eveFloor = inputs.threatModel.eveCorrelationFloor.map { ConfidenceBound.charge(correlation: $0) }
        for keyed in inputs.components {
            faults += componentFaults(keyed, eveFloor: eveFloor, threatModel: inputs.threatModel)
        }
        faults += number("leak of reconciliation, forward", inputs.leakForward)
        faults += number("leak of reconciliation, backward", inputs.leakBackward)
        faults += number("length of the verification hash", inputs.verification)
        faults += number("leak of the outcome", inputs.outcome)
        if inputs.authenticationBits < 0 { faults.append("authentication can't give bits back") }
        for item in inputs.otherItems { faults += number("other leak \(item.name)", item.bits) }
        return faults
    }

    /// A pre-shared key that is too short for what it is said to do.
    ///
    /// Each direction's tags have a hash key of 128 bits. The masks come on top; where the reuse rule says that the hash
    /// key is recycled, as the default one does, the stated length may be that of the hash keys alone.
    static func preSharedKeyFaults(_ model: ThreatModel, consumed: Int) -> [String] {
        guard let key = model.preSharedKey, key.exists else { return [] }
        let has = "the threat model's pre-shared key has \(key.length) bits, and "
        if key.length < 256 { return [has + "the two hash keys that authenticate an exchange have 256"] }
        if key.length < consumed, !key.reuseRule.contains(recycled) {
            return [has + "authentication consumed \(consumed)"]
        }
        return []
    }

    /// Words of a reuse rule under which the stated length may be that of the hash keys alone.
    private static let recycled = "hash key recycled"

    /// What stands against the multiple correlation R_UCB: the memory charge. Where an Eve trace was evaluated R may be
    /// that of past and Eve together; without one it says nothing of her, and her charge pays for nothing else.
    static func charged(_ memory: Double, _ eve: Double, _ model: ThreatModel) -> Double {
        model.eveTrace == true ? memory + eve : memory
    }

    private static func componentFaults(
        _ keyed: KeyLengthInputs.KeyedComponent, eveFloor: Double?, threatModel: ThreatModel
    ) -> [String] {
        let model = keyed.component
        let name = "component \(model.name)"
        var faults: [String] = []
        if keyed.symbols < 0 || keyed.symbols > 1 << 40 {
            faults.append("\(name): \(keyed.symbols) symbols make no sense")
        }
        if !(1...16).contains(model.bits) {
            faults.append("\(name): \(model.bits) bits a symbol, 1 to 16 allowed")
        }
        if model.helperBits < 0 { faults.append("\(name): \(model.helperBits) helper bits make no sense") }
        faults += number("\(name): memory charge", model.memoryCharge)
        faults += number("\(name): charge for Eve", model.eveCharge)
        faults += number("\(name): deficit of uniformity", model.deficit)
        faults += number("\(name): error-pattern charge", model.errorPatternCharge)
        if !(abs(model.correlation) <= 1) || !(abs(model.correlationLowerBound) <= 1) {
            faults.append("\(name): its correlation or the lower bound of it isn't one; commission again")
        } else if model.correlationLowerBound > model.correlation {
            faults.append("\(name): the lower bound of its correlation lies above the correlation")
        }
        // Negated, so that NaN refuses too.
        if !(Double(model.bits) - model.charge > 0) {
            faults.append(
                "\(name): the past and Eve know all of it (charge \(model.charge) of \(model.bits) bits); "
                    + "it must not be selected")
        }
        let memory = ConfidenceBound.charge(correlation: model.memoryCorrelation)
        if !(charged(model.memoryCharge, model.eveCharge, threatModel) >= memory - 1e-9) {
            faults.append(
                "\(name): charged less than its multiple correlation \(model.memoryCorrelation) tells "
                    + "(\(memory) bits)")
        }
        if let eveFloor, !(model.eveCharge >= eveFloor - 1e-9) {
            faults.append(
                "\(name): charge for Eve \(model.eveCharge) lies below \(eveFloor) bits, "
                    + "which the threat model's correlation demands")
        }
        return faults
    }

    private static func number(_ what: String, _ value: Double?) -> [String] {
        guard let value else { return ["\(what) is missing"] }
        return value.isFinite && value >= 0 ? [] : ["\(what) is \(value): not a number of bits"]
    }
}
