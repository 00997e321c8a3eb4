// SPDX-License-Identifier: GPL-3.0-or-later
public import Authentication
internal import Foundation
internal import PrivacyAmplification
public import QWaveCore
internal import Quantization
internal import Reconciliation
internal import Secrecy

/// One complete run of the protocol over one capture: from paired probes to a certified key, or to a refusal.
///
/// The same code runs at both ends. Everything that is said passes through the ledger and the transcript; two
/// checkpoints authenticate it, one before the amplification seed is shown, one before the block is committed.
/// A failure closes the link, destroys the block and leaves its leak counted.
public struct Exchange: Sendable {
    /// Bits of pre-shared secret that one exchange consumes, both directions: two checkpoints; where a pad is filled,
    /// two tagged COMMITs; where the probes were agreed on, the agreement's seal and the probes' key.
    public static func authenticationBits(commits: Bool, probes: Bool = false) -> Int {
        128 * (commits ? 6 : 4) + (probes ? ProbeAgreement.bits : 0)
    }

    public let options: ExchangeOptions
    /// The number of this exchange in the life of the pairing; the initiator's counts.
    public let sequence: UInt64
    /// Names of the captures, for the certificate.
    public let captures: [String]
    public let software: [String: String]
    public let commits: Bool
    /// What was counted of keyed probes; nil where the probes carried no tag of a secret key.
    public let injection: InjectionCount?
    /// This end's pooled commissioning symbols of earlier exchanges.
    public let pool: SymbolPool?
    /// What its pool calls radio and surroundings.
    public let environment: String
    /// What this end carries over from exchange to exchange; nil commissions each by itself.
    public let carry: CommissioningCarry?
    /// A failed exchange is told to the peer a whole number of these after the last message that was heard.
    public let abortPadding: Duration

    /// Longer than an end computes between two messages, but for commissioning, which is public.
    public static let defaultAbortPadding = Duration.milliseconds(250)

    public init(
        options: ExchangeOptions, sequence: UInt64 = 0, captures: [String] = [],
        software: [String: String] = [:], commits: Bool = false, injection: InjectionCount? = nil,
        pool: SymbolPool? = nil, environment: String = "", carry: CommissioningCarry? = nil,
        abortPadding: Duration = Exchange.defaultAbortPadding
    ) {
        self.options = options
        self.sequence = sequence
        self.captures = captures
        self.software = software
        self.commits = commits
        self.injection = injection
        self.pool = pool
        self.environment = environment
        self.carry = carry
        self.abortPadding = abortPadding
    }

    /// Runs the exchange as one end.
    ///
    /// - Parameters:
    ///   - trace: this end's capture.
    ///   - eve: an eavesdropper's capture, in the laboratory; nil charges the threat model's default.
    ///   - alarm: called where a health test on keyed samples fails, with what the refusal comes to, before anything more
    ///     is said: whatever happens to the link afterwards, a memory of failures has it. What it throws fails the
    ///     exchange.
    ///   - finish: called with the key after the second checkpoint and before the outcome is given, over the same
    ///     link: where a pad commits its block. What it throws fails the exchange.
    ///
    /// A refusal, whether for settings, captures, health, reconciliation or key length, is an outcome without a
    /// key. Whatever else goes wrong throws. Both after the peer was told and the link was closed.
    public func run(
        _ trace: ChannelTrace, eve: ChannelTrace? = nil, over link: any Link, as role: Party.Role,
        secrets: any SecretSource, random: any RandomSource = SystemRandomSource(),
        events: @escaping @Sendable (ExchangeEvent) -> Void = { _ in },
        alarm: (@Sendable (ExchangeOutcome) async throws(QWaveError) -> Void)? = nil,
        finish: (
            @Sendable (ExchangeOutcome, TranscriptAuthenticator, Party) async throws(QWaveError) -> Void
        )? = nil
    ) async throws(QWaveError) -> ExchangeOutcome {
        let session = SessionLink.over(link, padding: abortPadding)
        var progress = Progress(sequence: sequence)
        progress.statistics.simulated = trace.description.simulated
        progress.statistics.probes = trace.count
        if injection != nil { progress.authenticationBits = ProbeAgreement.bits }
        do {
            return try await attempt(
                trace, eve: eve, over: session, as: role, secrets: secrets, random: random, events: events,
                alarm: alarm, finish: finish, progress: &progress)
        } catch {
            // One code for whatever went wrong; the peer learns no reason from the wire.
            await session.close()
            guard error.code == .refused, !progress.isCommitting else { throw error }
            events(.decided(bits: 0, reasons: [error.message]))
            return refusal(progress, role, [error.message])
        }
    }

    private func attempt(
        _ trace: ChannelTrace, eve: ChannelTrace?, over link: SessionLink, as role: Party.Role,
        secrets: any SecretSource, random: any RandomSource,
        events: @escaping @Sendable (ExchangeEvent) -> Void,
        alarm: (@Sendable (ExchangeOutcome) async throws(QWaveError) -> Void)?,
        finish: (
            @Sendable (ExchangeOutcome, TranscriptAuthenticator, Party) async throws(QWaveError) -> Void
        )?, progress: inout Progress
    ) async throws(QWaveError) -> ExchangeOutcome {
        try options.validate()
        let binding = try SymbolPool.Binding(options, trace, environment: environment)
        try pool?.check(binding)
        try checkCarry(eve: eve)
        progress.binding = binding
        events(.phase(.agreeing))
        guard let kind = FeatureKind.available(for: trace).first else {
            throw QWaveError(.badInput, "the capture holds no snapshot")
        }
        let kinds = FeatureKind.available(for: trace)
        if let feature = options.feature, !kinds.contains(feature) {
            let names = kinds.map(\.rawValue).joined(separator: " and ")
            throw QWaveError(
                .usage, "this capture has no feature of kind \(feature.rawValue): choose among \(names)")
        }
        let extractor = try FeatureExtractor(kind: kind, like: trace)
        guard extractor.columns > 0 else {
            throw QWaveError(.badInput, "the capture's first snapshot holds no gain")
        }
        let identifier = try await Opening.hello(over: link, role: role, random: random)
        let authenticator = try TranscriptAuthenticator(exchange: identifier, role: role, secrets: secrets)
        let ledger = progress.ledger
        progress.identifier = identifier
        let party = Party(role: role, link: authenticator.recording(link), ledger: ledger, random: random)
        let stateKind = CommissioningState.Kind(trace, extractor)
        let parameters = Opening.Parameters(
            configuration: try options.digest(), sequence: sequence, kind: kind, columns: extractor.columns,
            tones: trace.description.toneIndices, simulated: trace.description.simulated,
            rate: trace.description.nominalRate.flatMap { ExchangeOptions.isRate($0) ? $0 : nil },
            commits: commits, commissioning: carry?.claim(stateKind))
        let theirs = try await Opening.agree(parameters, as: party)
        progress.sequence = role == .initiator ? sequence : theirs.sequence

        let rate = options.rate ?? [parameters.rate, theirs.rate].compactMap(\.self).min()
        let shared = SharedCommissioning(
            options: options, extractor: extractor, rate: rate, tones: trace.description.toneIndices)
        let window = carriedWindow(parameters, theirs, kind: stateKind, rate: rate, events)
        progress.window = window?.state.digest
        let commissioned = try await shared.run(
            trace, eve: eve, carry: carry, window: window, as: party, events: events)
        let plan = commissioned.result.plan
        let symbols = CommissioningSymbols(published: commissioned.fresh.initiator, plan: plan)
        progress.symbols = symbols
        progress.statistics.note(commissioned, trace: trace, role: role)
        events(
            .planned(
                components: plan.components.count,
                expectedBits: commissioned.result.findings.expectedNetPerRow
                    * Double(
                        (commissioned.pairs.count - commissioned.commissioned)
                            / (plan.stride * plan.timeBlock))))

        // The tests on published samples come before anything is keyed.
        let streams: ComponentStreams
        let input: QuantizationInput
        if let synchronization = plan.synchronization {
            let (blocks, keyed) = try await SharedSynchronization(
                plan: plan, synchronization: synchronization
            )
            .run(commissioned, as: party)
            streams = blocks
            input = QuantizationInput(streams: blocks, plan: plan, keyed: keyed)
        } else {
            streams = ComponentStreams(published: commissioned.features, plan: plan, role: role)
            input = QuantizationInput(streams: streams, plan: plan, pairs: commissioned.pairs.count)
        }
        let record = ScoreRecord(commissioned, streams: streams, input: input, role: role)
        var early = HealthChecks.commissioning(
            commissioned.result, ownScores: record.published, published: commissioned.published, role: role)
        if window != nil {
            early += RefreshChecks(
                plan: plan, published: commissioned.published, refresh: commissioned.commissioned
            ).run()
        }
        let strangers = early.filter { !$0.passed }.map(\.name)
        if let injection { early.append(injection.health) }
        if let eve = commissioned.eve {
            early += EveCheck(plan: plan, published: commissioned.published, eve: eve).run()
        }
        progress.early = early
        var refusals = early.filter { !$0.passed }.map { "health test failed: \($0.name)" }
        if let obstacle = commissioned.result.findings.obstacle { refusals.append(obstacle) }
        refusals += contradictions(plan, eve: commissioned.eve)
        if let window, !strangers.isEmpty {
            refusals.insert(CommissioningCarry.anotherChannel(window.carry.name), at: 0)
            progress.state = window.state.dropping(strangers)
        }
        if plan.components.isEmpty, refusals.isEmpty { refusals.append("no component is worth keying") }
        // Both ends say whether they go on, so that neither waits for a block that never comes.
        let peerRefuses = try await exchangeVerdict(refuse: !refusals.isEmpty, as: party)
        // What nobody found fault with goes on, also where it isn't worth keying yet.
        let isSound = strangers.isEmpty && (injection?.health.passed ?? true)
        if isSound, !peerRefuses || !refusals.isEmpty { progress.state = commissioned.state }
        if peerRefuses, refusals.isEmpty { refusals.append("the peer's health tests refuse the channel") }
        guard refusals.isEmpty else {
            events(.decided(bits: 0, reasons: refusals))
            await link.finish()
            return refusal(progress, role, refusals)
        }

        events(.phase(.quantizing))
        let block = try await QuantizationStage().run(input, as: party)
        progress.statistics.rawBits = block.rawKey.bits.count
        progress.statistics.symbols = block.layout.symbolCount
        progress.statistics.frames = block.layout.frames
        progress.components = zip(plan.model.components, block.layout.rows).map {
            KeyLengthInputs.KeyedComponent(component: $0, symbols: $1.count)
        }
        events(.phase(.reconciling))
        let engine = try options.engine()
        progress.statistics.reconciler = engine.name
        progress.statistics.usesSoftValues = engine.usesSoftValues
        let corrected = try await reconcile(block, engine, as: party)
        events(.phase(.verifying))
        let reconciled = try await Verification().run(corrected, as: party)
        progress.statistics.verificationEpsilon = reconciled.verificationEpsilon
        if role == .responder {
            progress.statistics.corrected = reconciled.corrected
            progress.statistics.frameErrors = block.rawKey.frames.map {
                block.rawKey.bits[$0.range].distance(to: reconciled.bits[$0.range])
            }
        }
        try await checkpoint(1, authenticator, party, link)
        progress.authenticationBits += authenticator.consumedBits

        events(.phase(.deciding))
        var health = early + HealthChecks.block(block.symbols, plan: plan)
        let published = commissioned.published
        let uncredited = LoudRounds.uncredited(
            of: record.levels.count - record.publishedPairs,
            published: [published.initiator, published.responder].map {
                KeyedChecks.levels($0, plan, joints: published.joints)
            }, injectedFraction: options.threatModel.injectedFraction ?? 0)
        health += KeyedChecks(
            plan: plan, scores: record.scores, keyed: record.keyed, levels: record.levels,
            injectedFraction: options.threatModel.injectedFraction ?? 0,
            publishedPairs: record.publishedPairs, uncredited: uncredited
        ).run()
        if role == .responder {
            health.append(
                HealthChecks.mismatch(
                    reconciled, raw: block.rawKey, effectiveRows: commissioned.result.findings.effectiveRows))
        }
        progress.health = Array(health.dropFirst(early.count))
        let failed = progress.health.filter { !$0.passed }.map(\.name)
        if !failed.isEmpty {
            // What this exchange published is of a channel that isn't the commissioned one either.
            progress.state = (window?.state ?? commissioned.state)?.dropping(failed)
            try await alarm?(refusal(progress, role, failed.map { "health test failed: \($0)" }))
        }
        for (index, assessment) in try symbols.assessments(plan, pool: pool).enumerated() {
            progress.components[index].assessment = assessment
        }
        var inputs = KeyLengthInputs(
            components: progress.components, threatModel: options.threatModel, epsilons: options.epsilons,
            ledger: ledger, health: health)
        inputs.entropyRule = options.entropy
        inputs.uncreditedShare = uncredited
        inputs.patternCoversBackward = !engine.usesSoftValues
        inputs.authenticationBits = Self.authenticationBits(commits: commits, probes: injection != nil)
        if reconciled.verificationEpsilon > options.epsilons.correctness {
            inputs.refusals.append("the block is too long for the verification hash to hold ε_cor")
        }
        // Twice what the first checkpoint took bounds what the second will: it covers little more.
        if 2 * authenticator.epsilon > options.epsilons.authentication {
            inputs.refusals.append("the transcript is too long for its tags to hold ε_auth")
        }
        let result = try await KeyLengthAgreement().run(inputs, as: party)
        events(.decided(bits: result.length, reasons: result.refusals))
        let certificate = Certificate(
            result: result, inputs: inputs,
            context: try context(progress))
        guard result.length > 0 else {
            // Its reasons aren't told, and may be a window that it has dropped.
            if result.ownLength > 0 { progress.state = nil }
            await link.finish()
            return refusal(progress, role, result.refusals, certificate: certificate)
        }

        events(.phase(.amplifying))
        let amplification = PrivacyAmplificationStage()
        let seed = try await amplification.exchangeSeed(
            as: party, inputBits: reconciled.bits.count, outputBits: result.length)
        try await checkpoint(2, authenticator, party, link)
        let key = try amplification.apply(seed, to: reconciled)
        progress.statistics.note(ledger)
        let outcome = ExchangeOutcome(
            role: role, identifier: identifier, sequence: progress.sequence, key: key,
            certificate: certificate, refusals: [], statistics: progress.statistics,
            commissioningSymbols: symbols, poolBinding: binding, blockHealth: progress.health,
            commissioningState: progress.state)
        if let finish {
            progress.isCommitting = true
            events(.phase(.committing))
            try await finish(outcome, authenticator, party)
        }
        return outcome
    }

    /// A checkpoint; where the peer ends it there, the tags didn't agree for it.
    private func checkpoint(
        _ number: UInt8, _ authenticator: TranscriptAuthenticator, _ party: Party, _ link: SessionLink
    ) async throws(QWaveError) {
        do {
            try await authenticator.checkpoint(number, as: party)
        } catch {
            guard error.code == .linkClosed, link.peerAborted else { throw error }
            throw QWaveError(
                .notAuthenticated,
                "the peer ended the exchange at a checkpoint: was every message genuine, and do both ends hold the "
                    + "same enrolled secret?")
        }
    }

    /// Label bit after label bit where the engine uses log-likelihoods, else all at once.
    private func reconcile(_ block: QuantizedBlock, _ engine: any Reconciler, as party: Party)
        async throws(QWaveError) -> CorrectedKey
    {
        guard engine.usesSoftValues, block.isStaged else {
            return try await engine.run(block.rawKey, as: party)
        }
        var stages = StagedKey(block)
        var messages = 0
        while let key = stages.next() {
            let corrected = try await engine.run(key, as: party)
            messages += corrected.messages
            stages.take(corrected.bits)
        }
        return CorrectedKey(
            bits: stages.bits, corrected: stages.bits.distance(to: block.rawKey.bits), messages: messages)
    }

    private func exchangeVerdict(refuse: Bool, as party: Party) async throws(QWaveError) -> Bool {
        let message: [UInt8] = [SessionMessage.verdict, refuse ? 1 : 0]
        if party.role == .initiator { try await party.send(message, charging: .nothing) }
        let theirs = try await party.receive()
        guard theirs.count == 2, theirs[0] == SessionMessage.verdict, theirs[1] <= 1 else {
            throw SessionMessage.unexpected("a verdict on the channel", theirs.first)
        }
        party.charge(received: .nothing, bytes: theirs.count)
        if party.role == .responder { try await party.send(message, charging: .nothing) }
        return theirs[1] == 1
    }
}
