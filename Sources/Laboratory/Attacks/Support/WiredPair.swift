// SPDX-License-Identifier: GPL-3.0-or-later
internal import Authentication
internal import Pairing
internal import QWaveCore
internal import Synchronization

/// Two ends with pads of their own and an attacker between them: connections of the product's session, one after
/// another, until he has what he wants or has nothing.
final class WiredPair: Sendable {
    let captures: (ChannelTrace, ChannelTrace)
    let options: [ExchangeOptions]
    let stores = [LaboratoryStore(), LaboratoryStore()]
    private let secrets: [any SecretSource]

    /// - Parameters:
    ///   - options: the initiator's and the responder's.
    ///   - seed: what the enrolled secret is drawn from.
    init(
        _ captures: (ChannelTrace, ChannelTrace), options: [ExchangeOptions], seed: UInt64,
        connections: Int = 1
    ) throws(QWaveError) {
        self.captures = captures
        self.options = options
        secrets = [
            try Self.secrets(seed: seed, connections: connections, as: .initiator),
            try Self.secrets(seed: seed, connections: connections, as: .responder),
        ]
    }

    /// One end's enrolled secret, with masks for some connections.
    static func secrets(seed: UInt64, connections: Int, as role: Party.Role) throws(QWaveError)
        -> any SecretSource
    {
        let bytes = try ExperimentSource(seed: seed).bytes(32 + connections * 2 * 16 * 8)
        return try EphemeralSecretSource(enrolled: SecretBuffer(copying: bytes), role: role)
    }

    /// How a connection ended.
    struct Ending: Sendable {
        /// What each end threw; nil where it came to its end.
        var errors: [QWaveError?]
        /// Whether an end was still waiting at the deadline.
        var hung: Bool
    }

    /// One connection with one exchange.
    ///
    /// - Parameters:
    ///   - randoms: what each end draws from.
    func connect(
        over wire: Wire = Wire(), randoms: [any RandomSource], abortPadding: Duration = .zero
    ) async -> Ending {
        await Self.connect(
            captures, options: options, stores: stores, secrets: secrets, over: wire, randoms: randoms,
            abortPadding: abortPadding)
    }

    /// One connection with one exchange between any two ends.
    ///
    /// - Parameter abortPadding: none unless the attack is about time.
    static func connect(
        _ captures: (ChannelTrace, ChannelTrace), options: [ExchangeOptions], stores: [any BlockStore],
        secrets: [any SecretSource], over wire: Wire, randoms: [any RandomSource], exchanges: Int = 1,
        abortPadding: Duration = .zero
    ) async -> Ending {
        let (left, right) = Loopback.pair()
        let links = [wire.tap(left, .initiator), wire.tap(right, .responder)]
        let traces = [captures.0, captures.1]
        let hung = Mutex(false)
        let clock = Task {
            try await Task.sleep(for: .seconds(120))
            hung.withLock { $0 = true }
            await left.close()
        }
        let ends = [Party.Role.initiator, .responder].enumerated().map { end, role in
            let session = PairingSession(
                options: options[end], store: stores[end], secrets: secrets[end], random: randoms[end],
                abortPadding: abortPadding)
            let trace = traces[end]
            return Task { @concurrent () -> QWaveError? in
                do throws(QWaveError) {
                    try await session.run(
                        over: links[end], as: role, count: exchanges,
                        trace: { (_) throws(QWaveError) in trace },
                        finished: { (_) throws(QWaveError) in })
                    // As the end of its process would: an announcement that was flipped keeps the other no longer.
                    await links[end].close()
                    return nil
                } catch { return error }
            }
        }
        let errors = [await ends[0].value, await ends[1].value]
        clock.cancel()
        return Ending(errors: errors, hung: hung.withLock { $0 })
    }

    func connect(over wire: Wire = Wire(), seed: UInt64) async -> Ending {
        await connect(
            over: wire, randoms: [ExperimentSource(seed: seed), ExperimentSource(seed: seed &+ 1)])
    }

    /// Bits that either end would spend.
    var usableBits: Int { stores.map { $0.usable.values.reduce(0) { $0 + $1.count } }.max() ?? 0 }

    /// Exchanges of which both ends would spend a key, and those of which their keys differ.
    var delivered: (both: Int, one: Int, unequal: Int) {
        let usable = stores.map(\.usable)
        let held = stores.map(\.held)
        let both = usable[0].keys.filter { usable[1][$0] != nil }
        let one = usable[0].count + usable[1].count - 2 * both.count
        let unequal = Set(usable[0].keys).union(usable[1].keys).filter { exchange in
            guard let a = held[0][exchange], let b = held[1][exchange] else { return true }
            return a != b
        }
        return (both.count, one, unequal.count)
    }

    /// Signal strengths without numbers or times, so that little beside the key's own messages is said; the shortest
    /// capture that leaves a gain.
    static func captures(_ setting: AttackSetting, count: Int = 8000) -> (ChannelTrace, ChannelTrace) {
        let scene = ScalarScene(count: count, seed: setting.seed(0))
        func bare(_ trace: ChannelTrace) -> ChannelTrace {
            var result = ChannelTrace(description: trace.description)
            for index in 0..<trace.count {
                result.append(
                    sequence: nil, time: nil, shape: trace.shape(at: index), gains: trace.gains(at: index))
            }
            return result
        }
        return (bare(scene.aliceTrace), bare(scene.bobTrace))
    }

    /// Options under which such a capture makes a key: one bit a symbol.
    static var options: ExchangeOptions {
        var options = ExchangeOptions.scene(bits: 1)
        options.helperBits = 2
        // A bit a symbol and few errors: hard bits, and messages in the order that these attacks know.
        options.reconciler = "cascade-few-rounds"
        return options
    }
}
