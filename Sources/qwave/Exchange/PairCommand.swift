// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Foundation
internal import OneTimePad
internal import Pairing
internal import QWave
internal import QWaveCore
internal import Secrecy
internal import Transport

/// `qwave pair`: two hosts make keys into a pad.
struct PairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pair",
        abstract: "Makes keys with another host, into a pad at both ends.",
        discussion: """
            One end listens, the other connects; both have a pad made of one enrollment (qwave enroll, qwave pad \
            create). After a crash start both again: what was uncertain is settled first, and no byte of pad is \
            ever used twice.

            A health test that fails on keyed samples is remembered beside the pad (PAD.health), and no exchange begins \
            again before --recommission.

            With --commissioning each end keeps what both published in a file of its own. Where both hold the same, an \
            exchange publishes a refresh only; else it commissions in full. qwave inspect tells what is in it.

            Examples:
              qwave pair listen --pad bob --port 7000 --simulate --channel-seed 7
              qwave pair connect 127.0.0.1 --pad alice --port 7000 --simulate --channel-seed 7
              qwave pair listen --pad bob --radio virtual:model=tgn-d,snr=20
              qwave pair connect 127.0.0.1 --pad alice --radio virtual:
              qwave pair listen --pad bob --host 0.0.0.0 --radio addr=192.168.10.2 --radio-rate 20e6 \
            --frequency 2437 --tx-gain 60 --rx-gain 40
            """,
        subcommands: [Listen.self, Connect.self])

    struct Listen: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "listen", abstract: "Waits for the other host: the responder, who corrects.",
            discussion: """
                Example:
                  qwave pair listen --pad bob --port 7000 --capture bob.qwt
                """)

        @Option(help: ArgumentHelp("Address to listen on.", valueName: "address"))
        var host = "127.0.0.1"

        @OptionGroup var common: PairOptions

        func run() async throws {
            try await common.run(as: .responder, peer: host) { limits, body async throws(QWaveError) in
                try await Transport.listen(
                    host: host, port: common.port, deadline: .seconds(common.wait), limits: limits,
                    admission: Admission(),
                    ready: { port in StandardError.write("qwave: listening on \(host) port \(port)") }, body)
            }
        }
    }

    struct Connect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "connect",
            abstract: "Connects to the host that listens: the initiator, whose key is the reference.",
            discussion: """
                Example:
                  qwave pair connect bob.example --pad alice --port 7000 --capture alice.qwt
                """)

        @Argument(help: ArgumentHelp("The host that listens.", valueName: "host"))
        var host: String

        @Option(help: ArgumentHelp("Exchanges to make.", valueName: "n"))
        var exchanges = 1

        @OptionGroup var common: PairOptions

        func validate() throws {
            guard exchanges >= 1 else { throw ValidationError("--exchanges is at least 1") }
            guard exchanges == 1 || common.source.capture == nil else {
                throw ValidationError(
                    "a recorded capture makes one exchange: the same fading is never keyed twice")
            }
        }

        func run() async throws {
            try await common.run(as: .initiator, peer: host, exchanges: exchanges) {
                limits, body async throws(QWaveError) in
                try await Transport.connect(
                    host: host, port: common.port, deadline: .seconds(common.wait), limits: limits, body)
            }
        }
    }
}

/// What both ends of a pairing take, and how either runs.
struct PairOptions: ParsableArguments {
    @OptionGroup var pad: PadOptions

    @Option(help: ArgumentHelp("TCP port; 0 listens on a free one.", valueName: "port"))
    var port = 7000

    @Option(help: ArgumentHelp("Longest wait for the peer, at any point.", valueName: "s"))
    var wait = 120

    @Flag(
        help: ArgumentHelp(
            "Spend the enrolled masks that are kept for a recovery. For one pairing, once whoever forced exchanges to "
                + "fail is gone."))
    var useReserve = false

    @OptionGroup(title: "Probes") var source: TraceSource

    @OptionGroup(title: "Radio") var radio: RadioOptions

    @OptionGroup(title: "Exchange") var settings: ExchangeSettings

    @OptionGroup(title: "Commissioning") var carrying: CarryOptions

    @OptionGroup(title: "Entropy") var pooling: PoolOptions

    @Option(help: ArgumentHelp("Write each exchange's certificate into a folder.", valueName: "folder"))
    var certificates: String?

    @Flag(
        help:
            "Forget the health tests that failed before, and a --commissioning window: somebody has looked at the channel, and it is commissioned anew."
    )
    var recommission = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...86_400).contains(wait) else { throw ValidationError("--wait is 1 to 86400 seconds") }
        try pooling.validate(beside: carrying)
    }

    typealias Opening = (Limits, (any Link) async throws(QWaveError) -> Void) async throws(QWaveError) -> Void

    /// - Parameter peer: the host that listens, at either end: where a virtual radio's ether is.
    func run(as role: Party.Role, peer: String, exchanges: Int = 1, _ open: Opening) async throws {
        var options = try settings.options()
        guard FileManager.default.fileExists(atPath: pad.folder) else {
            throw QWaveError(
                .notAuthenticated,
                "there is no pad at \(pad.folder), so this end isn't enrolled and nobody can know it: "
                    + "make one with qwave enroll and qwave pad create")
        }
        var policy = PadPolicy()
        if useReserve { policy.maskReserve = 0 }
        let store = try PadStore(directory: pad.folder, as: role, policy: policy, anchor: pad.anchor)
        defer { try? store.close() }
        guard options.threatModel.eveTrace != true else {
            throw QWaveError(
                .usage,
                "the threat model says that an Eve trace was evaluated, and pairing takes none: only qwave replay "
                    + "--eve charges what one shows")
        }
        try settings.tie(&options, enrolledBits: try Self.enrolledBits(store))
        let healthFile = HealthFile(pad.folder)
        if recommission { try healthFile.reset() }
        let health = try healthFile.read()
        guard health.isHealthy else {
            throw QWaveError(
                .refused,
                health.refusals.joined(separator: "; ")
                    + "; look at the channel, then start once with --recommission")
        }
        let recorded = try source.recorded()
        let isStated = settings.threatModel != nil
        try options.threatModel.checkRadius(carrier: source.carrier(recorded), isStated: isStated)
        let blocks = PadBlockStore(store)
        let session = PairingSession(
            options: options, store: blocks, secrets: store, captures: [source.name],
            software: Version.software, pool: try pooling.read(), environment: pooling.environment,
            carry: try carrying.read(
                options, environment: pooling.environment, anew: recommission),
            health: health)
        let report = PairReport(role: role)
        var limits = Limits()
        limits.wait = .seconds(wait)
        let progress = PhaseProgress("pairing")
        let folder = pad.folder
        let source = source
        let certificates = certificates
        let pooling = pooling
        let carrying = carrying
        // The least that an exchange publishes: the refresh of a window, or a commissioning in full.
        let published = carrying.commissioning == nil ? 1024 : 256
        let live = try await LiveProbes(source, radio, as: role, peer: peer)
        do {
            try options.threatModel.checkRadius(carrier: live?.terms.carrier, isStated: isStated)
            try await open(limits) { link async throws(QWaveError) in
                @Sendable func show(_ event: ExchangeEvent) {
                    progress.show(event)
                    report.note(event)
                }
                // Whatever becomes of the exchange: an end that forgets would key the channel next time.
                @Sendable func alarm(_ outcome: ExchangeOutcome) throws(QWaveError) {
                    try healthFile.note(outcome.blockHealth)
                    report.alarm(outcome)
                    try carrying.write(outcome)
                }
                @Sendable func finished(_ outcome: ExchangeOutcome) throws(QWaveError) {
                    if outcome.blockHealth.allSatisfy(\.passed) { try carrying.write(outcome) }
                    report.add(outcome)
                    if let certificates {
                        try CertificateFolder(certificates).write(outcome, next: try blocks.nextSequence())
                    }
                    try pooling.add(outcome, captures: [source.name])
                }
                guard let live else {
                    try await session.run(
                        over: link, as: role, count: exchanges,
                        trace: { number throws(QWaveError) in
                            let trace = try source.trace(
                                number, recorded: recorded, role: role, padFolder: folder)
                            report.watch(
                                trace, rate: trace.description.nominalRate ?? source.probeRate,
                                published: published)
                            return trace
                        }, events: show, alarm: alarm, finished: finished)
                    return
                }
                try await session.run(
                    over: link, as: role, count: exchanges, terms: live.terms,
                    probe: { number, terms, key async throws(QWaveError) in
                        let (trace, injection) = try await live.probe(number, terms, key)
                        report.watch(trace, rate: terms.rate, published: published)
                        return (trace, injection)
                    }, events: show, alarm: alarm, finished: finished)
            }
        } catch {
            await live?.close()
            throw error
        }
        await live?.close()
        progress.finish()
        let result = report.result(status: try store.status())
        try output.show(result)
        if result.exchanges.contains(where: { $0.keyBits == 0 }) {
            throw ExitCode(ExitStatus.refused.rawValue)
        }
    }

    /// Bits of the secret that a pad was made from: a hash key of 16 bytes and the masks of each direction.
    private static func enrolledBits(_ store: PadStore) throws(QWaveError) -> Int {
        let status = try store.status()
        return 8 * Int(32 + status.enrolledOutgoing.generated + status.enrolledIncoming.generated)
    }
}
