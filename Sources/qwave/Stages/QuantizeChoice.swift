// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Quantization

extension QuantizeCommand {
    /// The quantizer that the options name, with the paper's parameters where they give none.
    func chosen() throws(QWaveError) -> SampleQuantizer {
        guard let named = SampleQuantizer.named.first(where: { $0.name == quantizer }) else {
            let names = SampleQuantizer.named.map(\.name).joined(separator: ", ")
            throw QWaveError(.usage, "no quantizer is called \"\(quantizer)\"; there are \(names)")
        }
        var given: Set<String> = []
        if alpha != nil { given.insert("--alpha") }
        if block != nil { given.insert("--block") }
        if excursion != nil { given.insert("--run") }
        if bits != nil { given.insert("--bits") }
        if helperBits != nil { given.insert("--helper-bits") }
        let (result, takes): (SampleQuantizer, Set<String>) =
            switch named.quantizer {
            case .guardBand(let a, _, let b):
                (.guardBand(alpha: alpha ?? a, center: center, block: block ?? b), ["--alpha", "--block"])
            case .levelCrossing(let a, let m):
                (.levelCrossing(alpha: alpha ?? a, run: excursion ?? m), ["--alpha", "--run"])
            case .adaptive(let a, let b):
                (.adaptive(alpha: alpha ?? a, block: block ?? b), ["--alpha", "--block"])
            case .adaptiveMultibit(let b, _):
                (.adaptiveMultibit(block: block ?? b, bits: bits), ["--block", "--bits"])
            case .equiprobable(let m): (.equiprobable(bits: bits ?? m), ["--bits"])
            case .soft(let m): (.soft(bits: bits ?? m), ["--bits"])
            case .binClass(let m): (.binClass(bits: bits ?? m), ["--bits"])
            case .quantileHelper(let m, let b):
                (.quantileHelper(bits: bits ?? m, helperBits: helperBits ?? b), ["--bits", "--helper-bits"])
            }
        if let odd = given.subtracting(takes).min() {
            throw QWaveError(
                .usage, "\(quantizer) takes no \(odd); it takes \(takes.sorted().joined(separator: ", "))")
        }
        try result.validate()
        return result
    }

    /// A file's samples, as scores where the quantizer goes by them.
    func read(_ path: String, _ quantizer: SampleQuantizer) throws(QWaveError) -> SampleBlock {
        let values = try SampleFile.read(path)
        guard !values.isEmpty else { throw QWaveError(.badInput, "\(path) holds no samples") }
        guard quantizer.takesScores else { return SampleBlock(samples: values, correlation: correlation) }
        guard let scores = SampleScores.scores(of: values, gaussian: gaussian) else {
            throw QWaveError(
                .badInput, "\(path): scores need 16 samples that aren't all the same; record more")
        }
        return SampleBlock(samples: scores, correlation: correlation)
    }

    func write(_ initiator: StageEnds.End?, _ responder: StageEnds.End?) throws(QWaveError) {
        let own = initiator ?? responder
        if let out, let own { try WholeFile.write(Self.text(own.bits.bits), to: out, replacing: false) }
        if let peerOut, let responder {
            try WholeFile.write(Self.text(responder.bits.bits), to: peerOut, replacing: false)
        }
        guard let likelihoods else { return }
        guard let ratios = responder?.bits.logLikelihoods, !ratios.isEmpty else {
            throw QWaveError(.usage, "only the responder has log-likelihoods, of quantile-helper and soft")
        }
        try WholeFile.write(ratios.map { UInt8(bitPattern: $0) }, to: likelihoods, replacing: false)
    }

    private static func text(_ bits: BitString) -> [UInt8] {
        (0..<bits.count).map { bits[$0] ? 0x31 : 0x30 } + [0x0A]
    }
}

/// Both ends of a stage over a link in memory.
enum StageEnds {
    struct End: Sendable {
        var bits: SampleBits
        var ledger: SecrecyLedger
    }

    static func both(
        _ stage: SampleQuantization, _ first: SampleBlock, _ second: SampleBlock
    ) async throws(QWaveError) -> (End, End) {
        let (left, right) = Loopback.pair()
        let one = Task { await run(stage, first, left, .initiator) }
        let two = Task { await run(stage, second, right, .responder) }
        switch (await one.value, await two.value) {
        case (.success(let a), .success(let b)): return (a, b)
        case (.failure(let error), .failure(let other)):
            throw error.code == .linkClosed ? other : error
        case (.failure(let error), _), (_, .failure(let error)): throw error
        }
    }

    private static func run(
        _ stage: SampleQuantization, _ block: SampleBlock, _ link: any Link, _ role: Party.Role
    ) async -> Result<End, QWaveError> {
        let ledger = SecrecyLedger()
        do throws(QWaveError) {
            let bits = try await stage.run(
                block, as: Party(role: role, link: link, ledger: ledger, random: SystemRandomSource()))
            return .success(End(bits: bits, ledger: ledger))
        } catch {
            await link.close()
            return .failure(error)
        }
    }
}

/// What `qwave quantize` tells.
struct QuantizeResult: CommandResult {
    let quantizer: String
    let disclosure: QuantizerDisclosure
    let samples: Int
    let keptSamples: Int
    let bits: Int
    let bitsPerSample: Double
    /// Null where only one end runs here.
    let disagreement: OrNull<Double>
    /// Bits about the key that were told, by direction.
    let leakForward: Double
    let leakBackward: Double
    let leakBits: Double
    let messages: Int
    let publicBits: Int

    init(
        _ quantizer: SampleQuantizer, samples: Int, _ own: SampleBits, responder: SampleBits?,
        ledger: SecrecyLedger
    ) {
        self.quantizer = quantizer.name
        disclosure = quantizer.disclosure
        self.samples = samples
        keptSamples = own.keptSamples
        bits = own.bits.count
        bitsPerSample = Double(bits) / Double(max(samples, 1))
        let count = own.bits.count
        disagreement = OrNull(
            responder.flatMap {
                count > 0 && $0.bits.count == count
                    ? Double(own.bits.distance(to: $0.bits)) / Double(count) : nil
            })
        func told(_ direction: Direction) -> Double {
            ledger.account.filter { $0.direction == direction }.reduce(0) { $0 + $1.bits }
        }
        leakForward = told(.initiatorToResponder)
        leakBackward = told(.responderToInitiator)
        leakBits = leakForward + leakBackward
        messages = ledger.messages
        publicBits = 8 * ledger.bytes
    }

    var text: String {
        var lines = [
            "\(bits) bits of \(keptSamples) of \(samples) samples with \(quantizer)"
                + (disagreement.value.map { ", \(($0 * 10_000).rounded() / 100) % of them unequal." } ?? ".")
        ]
        lines.append("Over the link: \(disclosure.summary).")
        lines.append(
            "Told about the bits: \(Int(leakBits.rounded(.up))) at the most, in \(messages) messages of \(publicBits) bits."
        )
        if leakBits > Double(bits) {
            lines.append("What was told outweighs the bits: by its own lists nothing of them is secret.")
        }
        return lines.joined(separator: "\n")
    }
}
