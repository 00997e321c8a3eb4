// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import QWaveCore
internal import Quantization

/// `qwave quantize`: one stage alone, on a user's own samples.
struct QuantizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Makes bits of your own samples, and charges what is said for it.",
        discussion: """
            Samples are numbers in text, or a column of a table (FILE:COLUMN), one for each probe, at both ends in the \
            same order. With two files both ends run over a link in memory; with one, this end talks to another \
            host's, and both must give the same quantizer, parameters and number of samples.

            \(QuantizeCommand.explanation)

            maq, quantile-helper, equiprobable and soft go by normal scores: an end's own ranks, or with --gaussian \
            its mean and deviation. A distribution fitted to the very samples that are keyed is for experiments: \
            sessions (qwave pair) take it from samples that are published and never keyed.

            This runs one stage: the link isn't authenticated and nothing is certified. Bits are text of 0 and 1, as \
            qwave reconcile takes them.

            Examples:
              qwave quantize --quantizer level-crossing --run 3 alice.txt bob.txt --json
              qwave quantize --quantizer maq --bits 2 --role responder --listen 7001 bob.csv:rssi --out bob.bits
            """)

    /// Each quantizer by its name, and what is said for it.
    static let explanation = SampleQuantizer.named.map { name, quantizer in
        "\(name): \(quantizer.disclosure.summary)."
    }.joined(separator: "\n")

    @Argument(help: ArgumentHelp("This end's samples, or the initiator's.", valueName: "samples"))
    var samples: String

    @Argument(help: ArgumentHelp("The responder's samples, to run both ends here.", valueName: "samples"))
    var peer: String?

    @Option(help: ArgumentHelp("The quantizer.", valueName: "name"))
    var quantizer = "quantile-helper"

    @Option(help: ArgumentHelp("Half width of the guard band in deviations.", valueName: "alpha"))
    var alpha: Double?

    @Option(
        help: ArgumentHelp("Middle of the guard band: mean or median.", valueName: "name"),
        transform: { try Choice.parse($0, GuardBandQuantizer.Center.self) })
    var center = GuardBandQuantizer.Center.mean

    @Option(help: ArgumentHelp("Samples in a block.", valueName: "n"))
    var block: Int?

    @Option(
        name: .customLong("run"), help: ArgumentHelp("Least samples of an excursion.", valueName: "m"))
    var excursion: Int?

    @Option(help: ArgumentHelp("Bits of a symbol; asbg-multi agrees them unless given.", valueName: "M"))
    var bits: Int?

    @Option(help: ArgumentHelp("Public helper bits of a symbol.", valueName: "B"))
    var helperBits: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Correlation of the ends' scores, for quantile-helper and soft.", valueName: "rho")
    )
    var correlation = 0.99

    @Flag(help: "Scores by mean and deviation, as of a Gaussian, instead of by rank.")
    var gaussian = false

    @Option(
        help: "With one file: initiator (the reference) or responder.", transform: { try RoleName.parse($0) })
    var role: Party.Role?

    @Option(help: ArgumentHelp("Connect to the other end.", valueName: "host:port"))
    var connect: String?

    @Option(help: ArgumentHelp("Wait for the other end; 0 takes a free port.", valueName: "[address:]port"))
    var listen: String?

    @Option(help: ArgumentHelp("Longest wait for the peer, at any point.", valueName: "s"))
    var wait = 120

    @Option(help: ArgumentHelp("Write this end's (the initiator's) bits, mode 0600.", valueName: "file"))
    var out: String?

    @Option(help: ArgumentHelp("Write the responder's bits, with two files.", valueName: "file"))
    var peerOut: String?

    @Option(
        help: ArgumentHelp(
            "Write the responder's log-likelihoods, signed bytes of 1/3 nat.", valueName: "file"))
    var likelihoods: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if peer == nil {
            guard role != nil, (connect == nil) != (listen == nil) else {
                throw ValidationError(
                    "give the other end's samples too, or --role and one of --connect HOST:PORT and --listen PORT"
                )
            }
            guard peerOut == nil else { throw ValidationError("--peer-out goes with two files") }
        } else {
            guard role == nil, connect == nil, listen == nil else {
                throw ValidationError("with two files both ends run here: no --role, --connect or --listen")
            }
        }
        guard out != "-", peerOut != "-", likelihoods != "-" else {
            throw ValidationError("bits go into files, not to standard output")
        }
        guard (1...86_400).contains(wait) else { throw ValidationError("--wait is 1 to 86400 seconds") }
    }

    func run() async throws {
        for path in [out, peerOut, likelihoods].compactMap(\.self) { try SecretFile.check(path) }
        let chosen = try chosen()
        let own = try read(samples, chosen)
        let stage = SampleQuantization(chosen)
        if let peer {
            let theirs = try read(peer, chosen)
            let (initiator, responder) = try await StageEnds.both(stage, own, theirs)
            try write(initiator, responder)
            try output.show(
                QuantizeResult(
                    chosen, samples: own.samples.count, initiator.bits, responder: responder.bits,
                    ledger: initiator.ledger))
            return
        }
        let role = role ?? .initiator
        let ledger = SecrecyLedger()
        let result = try await PeerLink(connect: connect, listen: listen, wait: wait).run {
            link async throws(QWaveError) in
            try await stage.run(
                own, as: Party(role: role, link: link, ledger: ledger, random: SystemRandomSource()))
        }
        let end = StageEnds.End(bits: result, ledger: ledger)
        try role == .initiator ? write(end, nil) : write(nil, end)
        try output.show(
            QuantizeResult(chosen, samples: own.samples.count, result, responder: nil, ledger: ledger))
    }
}
