// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import CaptureFormats
internal import Foundation
internal import Laboratory
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Secrecy

/// `qwave replay`: the whole pipeline on two recorded captures.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Makes a certified key out of two ends' recorded captures.",
        discussion: """
            Runs both ends over a link in memory: Alice's capture first, Bob's second. The first fifth of the \
            pairs (at least 1,024) is published to commission the model and never keyed. A column of a table is \
            FILE:COLUMN. An eavesdropper's capture replaces the default charge by what she measured, several of \
            her columns by commas; beside the charge stand the information between the ends, and given her, by the \
            Gaussian formula and by nearest neighbors (some hundred to 2,000 of the published rows: it costs the square).

            A channel changes over hours: --block cuts the captures into blocks, each an exchange of its own with a \
            model from its own first pairs. The keys follow one another in --key-out, and certificates are numbered. \
            Behind a block in which a health test failed on keyed samples none is keyed, until somebody who has looked \
            at the recording says --recommission.

            --certificate also writes a refusal's: 0 bits, and the reasons.

            With --commissioning a file carries what was published from replay to replay, and from block to block: \
            then a twentieth (at least 256 pairs) is published, and the model comes from the newest 20,000 pairs of \
            all. A refresh that shows another channel is refused, and the file serves no longer. qwave inspect tells \
            what is in it.

            With --baseline a published pipeline runs on the same captures instead, and no key is made: bits as its \
            paper counts them, and what would really be secret of them, with leak, memory and Eve charged.

            Where at least a million symbols commissioned the model, of this replay and of earlier ones in \
            --entropy-pool, SP 800-90B assesses them, and the key is no longer than that allows beside the model.

            Examples:
              qwave replay walk/alice.qwt walk/bob.qwt
              qwave replay walk/alice.qwt walk/bob.qwt --entropy-pool office.json --environment office
              qwave replay pair.csv:alice_dbm pair.csv:bob_dbm --eve eve.csv:eve_0_dbm,eve_1_dbm --json
              qwave replay pair.csv:alice_dbm pair.csv:bob_dbm --block 50000
              qwave replay pair.csv:alice_dbm pair.csv:bob_dbm --block 50000 --commissioning office.state
              qwave replay walk/alice.qwt walk/bob.qwt --baseline mathur
            """)

    @Argument(help: ArgumentHelp("The first end's capture, FILE or FILE:COLUMN.", valueName: "alice"))
    var alice: String

    @Argument(help: ArgumentHelp("The second end's capture.", valueName: "bob"))
    var bob: String

    @Option(help: ArgumentHelp("An eavesdropper's capture.", valueName: "capture"))
    var eve: String?

    @OptionGroup(title: "Exchange") var settings: ExchangeSettings

    @Option(
        help: ArgumentHelp(
            "Pairs of a block: each commissions and keys by itself; all at once unless given.",
            valueName: "pairs"))
    var block: Int?

    @Flag(
        help:
            "Go on behind a --block whose keyed samples failed a health test, and begin the --commissioning window anew there: somebody has looked at the recording."
    )
    var recommission = false

    @OptionGroup(title: "Commissioning") var carrying: CarryOptions

    @OptionGroup(title: "Entropy") var pooling: PoolOptions

    @Option(help: ArgumentHelp("Write the key to a file (mode 0600).", valueName: "file"))
    var keyOut: String?

    @Option(help: ArgumentHelp("Write the certificate (JSON).", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("Write a report as one HTML page.", valueName: "file"))
    var report: String?

    @Option(
        help: ArgumentHelp("A published pipeline instead: mathur, asbg, hrube or cgc.", valueName: "name"),
        transform: { try Choice.parse($0, Baseline.self) })
    var baseline: Baseline?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard ([alice, bob] + [eve].compactMap(\.self)).filter({ $0 == "-" }).count <= 1 else {
            throw ValidationError("standard input holds one capture; give the others as files")
        }
        guard keyOut != "-", certificate != "-", report != "-" else {
            throw ValidationError("key, certificate and report go into files, not to standard output")
        }
        guard baseline == nil || (keyOut == nil && certificate == nil && report == nil) else {
            throw ValidationError("a baseline makes no key, so there is none to write and no certificate")
        }
        guard carrying.commissioning == nil || (baseline == nil && eve == nil) else {
            throw ValidationError(
                "--commissioning goes with neither --baseline nor --eve: what Eve recorded while earlier exchanges "
                    + "published isn't in the file")
        }
        try pooling.validate(beside: carrying)
        guard block == nil || (baseline == nil && report == nil && pooling.entropyPool == nil) else {
            throw ValidationError("--block goes with none of --baseline, --report and --entropy-pool")
        }
        guard !recommission || block != nil else {
            throw ValidationError("--recommission is about what stands behind a --block, so give one")
        }
    }

    func run() async throws {
        if let keyOut { try SecretFile.check(keyOut) }
        let aliceTrace = try CaptureArgument(parsing: alice).trace()
        let bobTrace = try CaptureArgument(parsing: bob).trace()
        let eveTrace = try eve.map { try CaptureArgument(parsing: $0).trace() }
        if let baseline {
            let progress = Progress("replaying")
            defer { progress.finish() }
            var replay = BaselineReplay(baseline)
            replay.commissioning = settings.commission
            replay.rate = settings.rate
            let report = try await replay.run(
                aliceTrace, bobTrace, eve: eveTrace, progress: { progress.update($0) })
            return try output.show(BaselineResult(report: report))
        }
        var options = try settings.options(
            carrier: aliceTrace.description.carrierFrequency ?? bobTrace.description.carrierFrequency)
        options.threatModel.eveTrace = eveTrace != nil
        var replay = Replay(
            options: options, captures: [alice, bob] + (eve.map { [$0] } ?? []), software: Version.software,
            pool: try pooling.read(), environment: pooling.environment)
        do {
            replay.carry = try carrying.read(options, environment: pooling.environment)
            if let block {
                let blocks = try CaptureBlocks(initiator: aliceTrace, responder: bobTrace, pairs: block)
                return try await series(replay, blocks, eve: eveTrace)
            }
            try await whole(replay, aliceTrace, bobTrace, eve: eveTrace)
        } catch let error as QWaveError {
            // Refused before anything was said: certificates of earlier replays don't stand for this one.
            if error.code == .refused, let certificate {
                let outcome = ExchangeOutcome.refused(
                    aliceTrace, as: .initiator, because: error.message, of: replay)
                let names = block.map { pairs in
                    (1...max(1, (min(aliceTrace.count, bobTrace.count) + pairs / 2) / pairs)).map {
                        "\(certificate).\($0)"
                    }
                }
                for name in names ?? [certificate] { try Self.write(outcome, to: name) }
            }
            throw error
        }
    }

    /// Writes an exchange's certificate, a refused one's too: an older file never stands for it.
    ///
    /// - Parameter reasons: why there is no key, of both ends, where that is more than the outcome knows.
    private static func write(
        _ outcome: ExchangeOutcome, reasons: [String]? = nil, to path: String
    ) throws(QWaveError) {
        guard var document = outcome.certificate ?? outcome.refusalCertificate else {
            throw QWaveError(.internalFault, "there is no certificate to write to \(path)")
        }
        if document.length == 0, let reasons, !reasons.isEmpty { document.refusals = reasons }
        try Files.write(try document.json(), to: path)
    }

    /// One exchange over the whole captures.
    private func whole(
        _ replay: Replay, _ aliceTrace: ChannelTrace, _ bobTrace: ChannelTrace, eve eveTrace: ChannelTrace?
    ) async throws {
        let (initiator, responder) = try await outcomes(replay, aliceTrace, bobTrace, eve: eveTrace)
        try pooling.add(initiator, captures: replay.captures)
        try carrying.write(initiator)
        let result = ReplayResult(
            initiator: initiator, responder: responder, eveProbes: eveTrace?.count,
            eveInformation: try Self.information(initiator, aliceTrace, bobTrace, eve: eveTrace),
            options: replay.options)
        guard result.keyBits == 0 || result.keysEqual else {
            throw QWaveError(.internalFault, "the two keys differ after verification; nothing was written")
        }
        if let keyOut, let key = initiator.key {
            try SecretFile.write([key], to: keyOut)
        }
        if let certificate { try Self.write(initiator, reasons: result.refused, to: certificate) }
        if let report {
            try Files.write(Array(HTMLReport(result, initiator.certificate).page.utf8), to: report)
        }
        try output.show(result)
        guard result.keyBits > 0 else {
            // By what was published: the first 1,024 snapshots at least are never keyed.
            if let meter = MotionMeter(aliceTrace, rate: settings.rate), meter.verdict != .moving {
                StandardError.write("qwave: \(meter.prompt)")
            }
            throw ExitCode(ExitStatus.refused.rawValue)
        }
    }

    /// Block after block; key and certificates that were asked for are written when all are done.
    ///
    /// A failure on keyed samples sticks: no block behind it is keyed, unless somebody says that it may be.
    private func series(_ replay: Replay, _ captures: CaptureBlocks, eve: ChannelTrace?) async throws {
        var results: [ReplayResult] = []
        var keys: [SecretKey] = []
        var outcomes: [ExchangeOutcome] = []
        var replay = replay
        for block in captures.blocks {
            let (initiator, responder) = try await self.outcomes(
                replay, block.initiator, block.responder, eve: eve)
            let result = ReplayResult(
                initiator: initiator, responder: responder, eveProbes: eve?.count,
                eveInformation: try Self.information(
                    initiator, block.initiator, block.responder, eve: eve), options: replay.options)
            guard result.keyBits == 0 || result.keysEqual else {
                throw QWaveError(
                    .internalFault, "the two keys differ after verification; nothing was written")
            }
            if let state = initiator.commissioningState {
                try carrying.write(initiator)
                replay.carry?.state = state
            }
            let health = initiator.blockHealth + responder.blockHealth
            if !recommission {
                replay.health.absorb(health)
            } else if health.contains(where: { !$0.passed }) {
                replay.carry?.state = nil
            }
            if let key = initiator.key { keys.append(key) }
            outcomes.append(initiator)
            results.append(result)
        }
        if let keyOut, !keys.isEmpty { try SecretFile.write(keys, to: keyOut) }
        if let certificate {
            for (index, (outcome, result)) in zip(outcomes, results).enumerated() {
                try Self.write(outcome, reasons: result.refused, to: "\(certificate).\(index + 1)")
            }
        }
        let result = ReplaySeriesResult(results)
        try output.show(result)
        guard result.keyBits > 0 else { throw ExitCode(ExitStatus.refused.rawValue) }
    }

    /// What a recorded Eve leaves of what the ends published; nil without one.
    private static func information(
        _ outcome: ExchangeOutcome, _ alice: ChannelTrace, _ bob: ChannelTrace, eve: ChannelTrace?
    ) throws(QWaveError) -> EveInformation? {
        guard let eve else { return nil }
        return try EveInformation(outcome, initiator: alice, responder: bob, eve: eve)
    }

    /// Both ends' outcomes; a refusal before there was one has the same shape, with what is known by then.
    private func outcomes(
        _ replay: Replay, _ alice: ChannelTrace, _ bob: ChannelTrace, eve: ChannelTrace?
    ) async throws(QWaveError) -> (ExchangeOutcome, ExchangeOutcome) {
        let progress = PhaseProgress("replaying")
        defer { progress.finish() }
        do {
            return try await replay.run(
                alice, bob, eve: eve,
                events: {
                    progress.show($0)
                    if let line = CarryOptions.line($0) { StandardError.write(line) }
                })
        } catch {
            guard error.code == .refused else { throw error }
            return (
                .refused(alice, as: .initiator, because: error.message, of: replay),
                .refused(bob, as: .responder, because: error.message, of: replay)
            )
        }
    }
}

extension CaptureArgument {
    /// The capture that the argument names.
    func trace() throws(QWaveError) -> ChannelTrace {
        try CaptureReader.read(path: path, column: column)
    }
}
