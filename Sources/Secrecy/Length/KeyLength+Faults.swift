// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

extension KeyLength {
    /// Everything about the inputs that forbids a key, in words.
    static func faults(_ inputs: KeyLengthInputs) -> [String] {
        var faults = inputs.threatModel.refusals + inputs.epsilons.faults
        if inputs.components.isEmpty { faults.append("no component: nothing was keyed") }
        let eveFloor = inputs.threatModel.eveCorrelationFloor.map { ConfidenceBound.charge(correlation: $0) }
        for keyed in inputs.components { faults += componentFaults(keyed, eveFloor: eveFloor) }
        faults += number("leak of reconciliation, forward", inputs.leakForward)
        faults += number("leak of reconciliation, backward", inputs.leakBackward)
        faults += number("length of the verification hash", inputs.verification)
        faults += number("leak of the outcome", inputs.outcome)
        if inputs.authenticationBits < 0 { faults.append("authentication can't give bits back") }
        for item in inputs.otherItems { faults += number("other leak \(item.name)", item.bits) }
        return faults
    }

    private static func componentFaults(
        _ keyed: KeyLengthInputs.KeyedComponent, eveFloor: Double?
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
        if !(model.memoryCharge + model.eveCharge >= memory - 1e-9) {
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
