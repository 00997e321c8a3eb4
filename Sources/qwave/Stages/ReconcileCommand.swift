// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Foundation
internal import Laboratory
internal import QWaveCore
internal import Reconciliation

/// `qwave reconcile`: one stage alone, on a user's own key.
struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Reconciles your own key with another host's, and verifies it.",
        discussion: """
            Both ends hold nearly equal keys in a file: text of 0 and 1, or packed bytes (bit i is bit i mod 8 of \
            byte i/8). The initiator's key is the reference; the responder corrects. Both must give the same \
            --error-rate and --reconciler. The key that comes out is as long as the one that went in; the result \
            says how many bits about it were told, which your privacy amplification has to take off.

            This runs one stage: the link isn't authenticated, nothing is certified, and a key made with it is for \
            experiments. Whole sessions: qwave pair.

            The responder's log-likelihoods (--likelihoods) are signed bytes in units of 1/3 nat, one for each \
            bit, positive for 0. Then both ends give --soft-entropy: what they leave of a bit, on the average.

            \(Reconcilers.explanation)

            Examples:
              qwave reconcile --in bob.bits --role responder --listen 7001 --error-rate 0.03 --out bob.key
              qwave reconcile --in alice.bits --role initiator --connect 127.0.0.1:7001 --error-rate 0.03 --out alice.key
            """)

    @Option(name: .customLong("in"), help: ArgumentHelp("This end's key.", valueName: "file"))
    var input: String

    @Option(
        help: "initiator (the reference) or responder (corrects).", transform: { try RoleName.parse($0) })
    var role: Party.Role

    @Option(help: ArgumentHelp("Connect to the other end.", valueName: "host:port"))
    var connect: String?

    @Option(help: ArgumentHelp("Wait for the other end; 0 takes a free port.", valueName: "[address:]port"))
    var listen: String?

    @Option(help: ArgumentHelp("Expected disagreement of the two keys, 0 to 0.5.", valueName: "rate"))
    var errorRate: Double

    @Option(help: ArgumentHelp("The responder's log-likelihoods.", valueName: "file"))
    var likelihoods: String?

    @Option(help: ArgumentHelp("Bits that they leave of a bit, 0 to 1.", valueName: "bits"))
    var softEntropy: Double?

    @Option(help: ArgumentHelp("auto, or an engine's name.", valueName: "name"))
    var reconciler = "auto"

    @Option(help: ArgumentHelp("Key bits that are reconciled together at the most.", valueName: "bits"))
    var block = 1 << 20

    @Option(
        help: ArgumentHelp("Where to write the reconciled key (packed bytes, mode 0600).", valueName: "file"))
    var out: String?

    @Option(help: ArgumentHelp("Longest wait for the peer, at any point.", valueName: "s"))
    var wait = 120

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (connect == nil) != (listen == nil) else {
            throw ValidationError("give --connect HOST:PORT or --listen PORT, one of them")
        }
        guard errorRate >= 0, errorRate <= 0.5 else {
            throw ValidationError("--error-rate lies between 0 and 0.5, so it can't be \(errorRate)")
        }
        if let softEntropy, !(softEntropy >= 0 && softEntropy <= 1) {
            throw ValidationError("--soft-entropy lies between 0 and 1, so it can't be \(softEntropy)")
        }
        guard likelihoods == nil || role == .responder else {
            throw ValidationError(
                "only the responder has log-likelihoods; the initiator gives --soft-entropy")
        }
        guard (likelihoods == nil) || softEntropy != nil else {
            throw ValidationError("--likelihoods goes with --soft-entropy, at both ends")
        }
        guard (1...1 << 20).contains(block) else { throw ValidationError("--block is 1 to 1048576 bits") }
        guard (1...86_400).contains(wait) else { throw ValidationError("--wait is 1 to 86400 seconds") }
        guard out != "-" else { throw ValidationError("a key goes into a file, not to standard output") }
    }

    func run() async throws {
        if let out { try SecretFile.check(out) }
        let key = try KeyFile.read(input)
        guard !key.isEmpty else { throw QWaveError(.badInput, "\(input) holds no bits") }
        let ratios = try likelihoods.map { try KeyFile.likelihoods($0, count: key.count) } ?? []
        let engine =
            reconciler == "auto"
            ? Reconcilers.automatic(
                bits: min(key.count, block), isSoft: softEntropy != nil)
            : try Reconcilers.named(reconciler)
        let stage = KeyReconciliation(engine: engine, blockBits: block)
        let progress = Progress("reconciling")
        let result = try await PeerLink(connect: connect, listen: listen, wait: wait).run {
            link async throws(QWaveError) in
            try await stage.run(
                key, logLikelihoods: ratios, errorRate: errorRate, softEntropy: softEntropy, over: link,
                as: role, progress: { progress.update($0) })
        }
        progress.finish()
        if let out { try SecretFile.write([SecretKey(bits: result.key)], to: out) }
        try output.show(ReconcileResult(result, engine: engine.name, role: role, out: out))
    }
}

/// What `qwave reconcile` tells.
struct ReconcileResult: CommandResult {
    let role: String
    let reconciler: String
    let bits: Int
    let blocks: Int
    let leakForward: Double
    let leakBackward: Double
    let verificationBits: Double
    let otherBits: Double
    /// Everything together: what privacy amplification has to take off besides its own margin.
    let leakBits: Double
    let messages: Int
    let publicBits: Int
    let verificationEpsilon: Double
    let out: OrNull<String>

    init(_ result: KeyReconciliation.Result, engine: String, role: Party.Role, out: String?) {
        self.role = role == .initiator ? "initiator" : "responder"
        reconciler = engine
        bits = result.key.count
        blocks = result.blocks
        leakForward = result.leakForward
        leakBackward = result.leakBackward
        verificationBits = result.verificationBits
        otherBits = result.otherBits
        leakBits = leakForward + leakBackward + verificationBits + otherBits
        messages = result.messages
        publicBits = 8 * result.bytes
        verificationEpsilon = result.verificationEpsilon
        self.out = OrNull(out)
    }

    var text: String {
        let told = { (bits: Double) in String(format: "%.0f", bits) }
        var lines = [
            "Reconciled and verified \(bits) bits with \(reconciler) in \(messages) messages.",
            "Told about the key: \(told(leakBits)) bits: \(told(leakForward)) forward, \(told(leakBackward)) "
                + "backward, \(told(verificationBits)) by verification, \(told(otherBits)) otherwise.",
            "Unequal keys pass with probability 2^\(String(format: "%.1f", log2(verificationEpsilon))) at the most.",
        ]
        if let out = out.value {
            lines.append("Wrote \(out); the link wasn't authenticated: for experiments.")
        }
        return lines.joined(separator: "\n")
    }
}

enum RoleName {
    static func parse(_ text: String) throws -> Party.Role {
        switch text {
        case "initiator": .initiator
        case "responder": .responder
        default: throw ValidationError("'\(text)' is no role; give initiator or responder")
        }
    }
}
