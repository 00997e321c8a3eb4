// SPDX-License-Identifier: GPL-3.0-or-later
internal import Authentication
public import QWaveCore
public import Secrecy

/// Both ends of an exchange over a link in memory: recorded captures in, two outcomes out.
///
/// The ends are two tasks that share nothing but the link and the secret that enrolled them, each with its own copy.
public struct Replay: Sendable {
    public let options: ExchangeOptions
    public let captures: [String]
    public let software: [String: String]
    public let random: any RandomSource
    /// Pooled commissioning symbols of earlier replays, for both ends.
    public let pool: SymbolPool?
    public let environment: String
    /// What both ends carry over from earlier replays; nil commissions this one by itself.
    public var carry: CommissioningCarry?
    /// The tests that failed on keyed samples of earlier replays, and that nobody has looked into since: then nothing is
    /// keyed.
    public var health = HealthState()

    public init(
        options: ExchangeOptions, captures: [String] = [], software: [String: String] = [:],
        random: any RandomSource = SystemRandomSource(), pool: SymbolPool? = nil, environment: String = "",
        carry: CommissioningCarry? = nil
    ) {
        self.options = options
        self.captures = captures
        self.software = software
        self.random = random
        self.pool = pool
        self.environment = environment
        self.carry = carry
    }

    /// Bytes of the enrolled secret of a replay: two hash keys and masks for one exchange.
    static let enrolledBytes = 512

    /// Throws `.refused` for what an earlier replay left behind, and where one end refused and the other failed.
    ///
    /// - Parameter wrap: lets a test stand between the ends and the link.
    public func run(
        _ alice: ChannelTrace, _ bob: ChannelTrace, eve: ChannelTrace? = nil,
        events: @escaping @Sendable (ExchangeEvent) -> Void = { _ in },
        wrap: @Sendable (any Link, Party.Role) -> any Link = { link, _ in link }
    ) async throws(QWaveError) -> (initiator: ExchangeOutcome, responder: ExchangeOutcome) {
        guard health.isHealthy else {
            throw QWaveError(
                .refused,
                "health tests failed on keyed samples before, \(health.failures.map(\.name).joined(separator: ", ")), and "
                    + "nobody has looked since: look at the recording, then say --recommission")
        }
        let enrolled = try SecretBuffer(random: Self.enrolledBytes, from: random)
        let initiatorSecrets = try EphemeralSecretSource(enrolled: enrolled, role: .initiator)
        let responderSecrets = try EphemeralSecretSource(enrolled: enrolled, role: .responder)
        let (left, right) = Loopback.pair()
        let initiatorLink = wrap(left, .initiator)
        let responderLink = wrap(right, .responder)
        let exchange = Exchange(
            options: options, captures: captures, software: software, pool: pool, environment: environment,
            carry: carry, abortPadding: .zero)
        let random = random
        let first = Task { () -> Result<ExchangeOutcome, QWaveError> in
            await Self.result {
                () async throws(QWaveError) in
                try await exchange.run(
                    alice, eve: eve, over: initiatorLink, as: .initiator, secrets: initiatorSecrets,
                    random: random,
                    events: events)
            }
        }
        let second = Task { () -> Result<ExchangeOutcome, QWaveError> in
            await Self.result {
                () async throws(QWaveError) in
                try await exchange.run(
                    bob, eve: eve, over: responderLink, as: .responder, secrets: responderSecrets,
                    random: random)
            }
        }
        let results = await withTaskCancellationHandler {
            (await first.value, await second.value)
        } onCancel: {
            first.cancel()
            second.cancel()
        }
        switch results {
        case (.success(let a), .success(let b)): return Self.dropping(a, b)
        // The end that failed knows why; the other only saw the link close.
        case (.failure(let error), .failure(let other)):
            throw error.code == .linkClosed ? other : error
        // One end refused and the other was told no reason.
        case (.success(let outcome), .failure(let error)), (.failure(let error), .success(let outcome)):
            guard error.code == .linkClosed, !outcome.refusals.isEmpty else { throw error }
            throw QWaveError(.refused, outcome.refusals.joined(separator: "; "), cause: error)
        }
    }

    /// Both ends have one window here: what either's tests drop serves neither.
    private static func dropping(
        _ a: ExchangeOutcome, _ b: ExchangeOutcome
    ) -> (initiator: ExchangeOutcome, responder: ExchangeOutcome) {
        var (a, b) = (a, b)
        let states = [a.commissioningState, b.commissioningState].compactMap(\.self)
        if let dropped = states.first(where: { !$0.dropped.isEmpty }) {
            a.commissioningState = dropped
            b.commissioningState = dropped
        }
        return (a, b)
    }

    /// The certificate of a replay that was refused before its ends came to a name for it.
    func refusalCertificate(because reasons: [String], simulated: Bool) throws(QWaveError) -> Certificate {
        let inputs = KeyLengthInputs(
            components: [], threatModel: options.threatModel, epsilons: options.epsilons,
            ledger: SecrecyLedger(), health: [])
        return .refusal(
            inputs, because: reasons,
            context: try .init(
                [], options: options, captures: captures, software: software, simulated: simulated))
    }

    private static func result<T>(
        _ body: () async throws(QWaveError) -> T
    ) async -> Result<T, QWaveError> {
        do throws(QWaveError) { return .success(try await body()) } catch { return .failure(error) }
    }
}
