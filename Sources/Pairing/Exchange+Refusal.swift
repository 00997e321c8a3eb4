// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Quantization
internal import Secrecy

extension Exchange {
    /// What an end has come to, for the outcome of a refusal.
    struct Progress {
        /// Empty until both ends' halves are known.
        var identifier: [UInt8] = []
        var sequence: UInt64
        var statistics = ExchangeStatistics()
        var ledger = SecrecyLedger()
        var symbols: CommissioningSymbols?
        var binding: SymbolPool.Binding?
        /// The tests on published samples, and those on keyed ones.
        var early: [HealthResult] = []
        var health: [HealthResult] = []
        var state: CommissioningState?
        /// The digest of the window that commissions too.
        var window: String?
        /// What was keyed.
        var components: [KeyLengthInputs.KeyedComponent] = []
        /// Bits of the enrolled secret that were consumed.
        var authenticationBits = 0
        /// From here on a refusal is the pad's, and an error.
        var isCommitting = false

        init(sequence: UInt64) { self.sequence = sequence }
    }

    /// The outcome of a refusal, with the certificate that says so: `certificate` where a length was computed.
    func refusal(
        _ progress: Progress, _ role: Party.Role, _ reasons: [String], certificate: Certificate? = nil
    ) -> ExchangeOutcome {
        var statistics = progress.statistics
        statistics.note(progress.ledger)
        var outcome = ExchangeOutcome(
            role: role, identifier: progress.identifier, sequence: progress.sequence, key: nil,
            certificate: certificate, refusals: reasons, statistics: statistics,
            commissioningSymbols: progress.symbols, poolBinding: progress.binding,
            blockHealth: progress.health, commissioningState: progress.state)
        guard certificate == nil, let context = try? context(progress) else { return outcome }
        var inputs = KeyLengthInputs(
            components: progress.components, threatModel: options.threatModel, epsilons: options.epsilons,
            ledger: progress.ledger, health: progress.early + progress.health)
        inputs.entropyRule = options.entropy
        inputs.patternCoversBackward = !statistics.usesSoftValues
        inputs.authenticationBits = progress.authenticationBits
        outcome.refusalCertificate = .refusal(inputs, because: reasons, context: context)
        return outcome
    }

    func context(_ progress: Progress) throws(QWaveError) -> Certificate.Context {
        var context = try Certificate.Context(
            progress.identifier, options: options, captures: captures, software: software,
            simulated: progress.statistics.simulated)
        context.commissioning = progress.window
        if injection != nil { context.injectionDetection = Certificate.taggedProbes }
        return context
    }

    /// What was found of channel and Eve that the threat model denies.
    func contradictions(_ plan: QuantizationPlan, eve: EveFeatures?) -> [String] {
        var refusals: [String] = []
        if plan.synchronization?.initiator.specular != nil, options.threatModel.deniesLineOfSight {
            refusals.append(
                "the gains show a steady line of sight, which the threat model denies: give --line-of-sight, or "
                    + "--site-correlation with what a capture at Eve's place supports")
        }
        if let eve, let wanted = options.threatModel.eveAntennas, eve.shape.receiveAntennas < wanted,
            options.threatModel.siteCorrelation == nil
        {
            refusals.append(
                "the threat model gives Eve \(wanted) antennas, and \(eve.shape.receiveAntennas) of them recorded: "
                    + "give the captures of all, or a site correlation")
        }
        return refusals
    }
}
