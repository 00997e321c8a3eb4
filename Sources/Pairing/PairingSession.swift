// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
public import Secrecy

/// A connection's worth of exchanges into a pad: repair what a crash left uncertain, then exchange after exchange.
public struct PairingSession: Sendable {
    public let options: ExchangeOptions
    public let store: any BlockStore
    public let secrets: any SecretSource
    public let random: any RandomSource
    public let captures: [String]
    public let software: [String: String]
    /// This end's pooled commissioning symbols; exchanges of a connection add to what later ones of it see.
    public let pool: SymbolPool?
    public let environment: String
    /// What this end carries over; exchanges of a connection renew what later ones of it see.
    public let carry: CommissioningCarry?
    /// The tests that failed before and that nobody has looked into since: then no exchange is begun.
    public let health: HealthState
    /// As `Exchange.abortPadding`.
    public let abortPadding: Duration

    public init(
        options: ExchangeOptions, store: any BlockStore, secrets: any SecretSource,
        random: any RandomSource = SystemRandomSource(), captures: [String] = [],
        software: [String: String] = [:], pool: SymbolPool? = nil, environment: String = "",
        carry: CommissioningCarry? = nil, health: HealthState = HealthState(),
        abortPadding: Duration = Exchange.defaultAbortPadding
    ) {
        self.options = options
        self.store = store
        self.secrets = secrets
        self.random = random
        self.captures = captures
        self.software = software
        self.pool = pool
        self.environment = environment
        self.carry = carry
        self.health = health
        self.abortPadding = abortPadding
    }

    /// Settles what is uncertain, then runs exchanges until the initiator's `count` is reached; the responder goes on
    /// until the initiator says that it is over. Ends at the first exchange that is refused; after a failed health test
    /// no session with that memory (`health`) begins another.
    ///
    /// The link is closed only where it went wrong or an exchange was refused.
    ///
    /// - Parameters:
    ///   - trace: makes this end's capture for the exchange of a given number.
    ///   - alarm: called where a health test on keyed samples fails, before anything more is said: for the memory
    ///     (`health`) of the sessions that follow. `finished` follows only where the exchange comes to its end.
    ///   - finished: called after each exchange, a refused one too.
    public func run(
        over link: any Link, as role: Party.Role, count: Int = 1,
        trace: @Sendable (UInt64) async throws(QWaveError) -> ChannelTrace,
        events: @escaping @Sendable (ExchangeEvent) -> Void = { _ in },
        alarm: (@Sendable (ExchangeOutcome) async throws(QWaveError) -> Void)? = nil,
        finished: @Sendable (ExchangeOutcome) async throws(QWaveError) -> Void
    ) async throws(QWaveError) {
        try await run(
            over: link, as: role, count: count, events: events, alarm: alarm, finished: finished
        ) { number, _ async throws(QWaveError) in (try await trace(number), nil) }
    }

    /// The same with live probes: the ends agree on `terms` and a key first, and probe with them, exchange after
    /// exchange.
    ///
    /// - Parameters:
    ///   - terms: what this end's radio can do and its user wants.
    ///   - probe: probes the channel for the exchange of a given number, with what was agreed and the key of tags.
    public func run(
        over link: any Link, as role: Party.Role, count: Int = 1, terms: ProbeTerms,
        probe:
            @Sendable (UInt64, ProbeTerms, borrowing SecretBuffer) async throws(QWaveError) -> (
                ChannelTrace, InjectionCount
            ),
        events: @escaping @Sendable (ExchangeEvent) -> Void = { _ in },
        alarm: (@Sendable (ExchangeOutcome) async throws(QWaveError) -> Void)? = nil,
        finished: @Sendable (ExchangeOutcome) async throws(QWaveError) -> Void
    ) async throws(QWaveError) {
        try await run(
            over: link, as: role, count: count, events: events, alarm: alarm, finished: finished
        ) { number, link async throws(QWaveError) in
            let agreed = try await ProbeAgreement.run(
                terms, over: link, as: role, secrets: secrets, random: random)
            return try await probe(number, agreed.terms, agreed.key)
        }
    }

    private func run(
        over link: any Link, as role: Party.Role, count: Int,
        events: @escaping @Sendable (ExchangeEvent) -> Void,
        alarm: (@Sendable (ExchangeOutcome) async throws(QWaveError) -> Void)?,
        finished: @Sendable (ExchangeOutcome) async throws(QWaveError) -> Void,
        capture: @Sendable (UInt64, any Link) async throws(QWaveError) -> (ChannelTrace, InjectionCount?)
    ) async throws(QWaveError) {
        let link = SessionLink.over(link, padding: abortPadding)
        do throws(QWaveError) {
            try await BlockResume(store: store).run(over: link, role: role, secrets: secrets, random: random)
            guard health.isHealthy else {
                throw QWaveError(.refused, health.refusals.joined(separator: "; "))
            }
            var done = 0
            var pool = pool
            var carry = carry
            while let number = try await announce(over: link, role: role, more: done < count) {
                let (trace, injection) = try await capture(number, link)
                let exchange = Exchange(
                    options: options, sequence: number, captures: captures, software: software, commits: true,
                    injection: injection, pool: pool, environment: environment, carry: carry,
                    abortPadding: abortPadding)
                let store = store
                let outcome = try await exchange.run(
                    trace, over: link, as: role, secrets: secrets, random: random,
                    events: events, alarm: alarm,
                    finish: { (outcome, authenticator, party) async throws(QWaveError) in
                        guard outcome.sequence == number else {
                            throw QWaveError(
                                .protocolViolation,
                                "the peer announced exchange \(number) and made exchange \(outcome.sequence)")
                        }
                        try await BlockCommit(store: store).commit(outcome, authenticator, as: party)
                    })
                if let symbols = outcome.commissioningSymbols {
                    pool?.add(symbols, exchange: outcome.identifier, captures: captures)
                }
                if let state = outcome.commissioningState { carry?.state = state }
                try await finished(outcome)
                done += 1
                if outcome.key == nil { return }
            }
        } catch {
            await link.close()
            throw error
        }
    }

    /// The number of the next exchange, or nil where the initiator is done.
    private func announce(over link: any Link, role: Party.Role, more: Bool) async throws(QWaveError)
        -> UInt64?
    {
        switch role {
        case .initiator:
            if more { try checkMasks(role) }
            let number = try store.nextSequence()
            var writer = ByteWriter()
            writer.write(SessionMessage.next)
            writer.write(UInt8(more ? 1 : 0))
            writer.write(number)
            try await link.send(writer.bytes)
            return more ? number : nil
        case .responder:
            let message = try await link.receive()
            guard message.first == SessionMessage.next else {
                throw SessionMessage.unexpected("the next exchange", message.first)
            }
            var reader = ByteReader(message, what: "announcement")
            _ = try reader.read(UInt8.self)
            let more = try reader.read(UInt8.self)
            let number = try reader.read(UInt64.self)
            try reader.finish()
            guard more <= 1 else {
                throw QWaveError(.protocolViolation, "the announcement says neither yes nor no")
            }
            guard more == 1 else { return nil }
            try checkMasks(role)
            return number
        }
    }

    /// Before anything is spent: an exchange that can't be sealed to its end only wastes masks.
    private func checkMasks(_ role: Party.Role) throws(QWaveError) {
        let bytes = Exchange.authenticationBits(commits: true) / 2 / 8
        guard secrets.remaining(role.sending) >= bytes else {
            throw QWaveError(
                .notAuthenticated,
                "the enrolled masks that may be spent don't last for an exchange: enroll again, or spend the reserve "
                    + "once whoever forced exchanges to fail is gone")
        }
    }
}
