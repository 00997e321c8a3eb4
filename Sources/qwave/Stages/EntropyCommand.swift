// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import QWaveCore
internal import Secrecy

/// `qwave entropy`: the non-IID track of SP 800-90B on a file of symbols.
struct EntropyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "entropy",
        abstract: "Assesses the min-entropy of quantized symbols by SP 800-90B.",
        discussion: """
            The ten estimators of section 6.3 guess at the symbols, and at their bits where there are more than two \
            symbols; the best guesser decides. Give the raw symbols of a commissioning capture, before \
            reconciliation and privacy amplification: hashed bits pass whatever they were made of.

            This is NO evidence of secrecy. It assesses symbols as a model of a source: a pattern that none of the \
            ten knows passes, an eavesdropper's own measurements aren't asked, and nothing about her is proven. It \
            catches what is easily guessed, such as a channel that is sampled too often.

            Even a perfect source of a million bits is assessed at 0.87 to 0.90 bit a bit, so a uniform control of \
            equal length and width is assessed too, and what a key length takes is the ratio: h90B = bits · \
            min(1, assessed/control). The control's seed is public and fixed.

            FILE holds one symbol a byte, in the low bits, as NIST's own tool takes it. A file of nothing but the \
            characters 0 and 1 and white space is a text of bits; --packed takes bit i from bit i mod 8 of byte \
            i/8. Of both, --bits bits make a symbol, the first the most significant. Any other text, a table for instance, \
            is refused unless --bits says that its characters are the symbols. SP 800-90B asks for 1,000,000 \
            symbols; fewer are assessed with a warning, fewer than 10,000 not at all.

            --iid adds the quick tests of section 5.2; they can refute that symbols are independent and of one \
            law, never show it, and don't change the assessment.

            --restart checks that the source starts differently each time: the first 1,000 symbols of each of 1,000 \
            restarts, one restart behind the other. A failed check is exit status 3.

            Examples:
              qwave entropy symbols.bin --bits 2
              qwave entropy raw.key --packed --json
              qwave entropy symbols.bin --bits 2 --restart restarts.bin
            """)

    @Argument(help: "The symbols; - is standard input.")
    var file: String

    @Option(
        help: ArgumentHelp(
            "Bits a symbol, 1 to 8; without it as many as the largest byte needs.", valueName: "bits"))
    var bits: Int?

    @Flag(help: "The file holds packed bits.")
    var packed = false

    @Option(help: ArgumentHelp("Symbols of 1,000 restarts, in the same layout.", valueName: "file"))
    var restart: String?

    @Flag(
        help:
            "Also try to refute that the symbols are independent and of one law (5.2, without permutations).")
    var iid = false

    @Flag(name: .customLong("control"), inversion: .prefixedNo, help: "Assess the uniform control too.")
    var hasControl = true

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let bits, !(1...8).contains(bits) {
            throw ValidationError("--bits is 1 to 8, so it can't be \(bits)")
        }
        guard file != "-" || restart != "-" else {
            throw ValidationError("the symbols and their restarts can't both come from standard input")
        }
    }

    func run() async throws {
        let (series, layout) = try SymbolFile.read(
            file, bits: bits, isStated: bits != nil, isPacked: packed)
        let restarts = try restart.map { path in
            try SymbolFile.read(
                path, bits: bits ?? series.bits, isStated: bits != nil, isPacked: packed
            ).series
        }
        let progress = Progress("assessing")
        let parts = 1.0 + (hasControl ? 1 : 0) + (restarts == nil ? 0 : 2)
        let assessment = try NonIIDAssessment(series) { progress.update($0 / parts) }
        let control =
            hasControl
            ? try NonIIDAssessment(UniformControl.series(count: series.count, bits: series.bits)) {
                progress.update((1 + $0) / parts)
            } : nil
        let checks = iid ? try IIDChecks(series) : nil
        let restartAssessment = try restarts.map { restarts in
            try RestartAssessment(restarts, initial: assessment.minEntropy) {
                progress.update((parts - 2 + 2 * $0) / parts)
            }
        }
        progress.finish()
        try output.show(
            EntropyResult(
                assessment, layout: layout, control: control, restart: restartAssessment, iid: checks))
        if let restartAssessment, !restartAssessment.passed { throw ExitCode(ExitStatus.refused.rawValue) }
    }
}
