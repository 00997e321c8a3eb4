// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Secrecy

/// What `qwave entropy` tells.
struct EntropyResult: CommandResult {
    let layout: SymbolFile.Layout
    let symbols: Int
    let bits: Int
    let alphabet: Int
    /// Whether there are as many symbols as SP 800-90B asks for.
    let isFull: Bool
    /// Assessed min-entropy, bits a symbol; with restarts what they left of it.
    let assessed: Double
    let original: Double
    let bitString: OrNull<Double>
    let control: OrNull<Double>
    let h90B: OrNull<Double>
    let estimates: Estimates
    let restart: OrNull<Restart>
    let iid: OrNull<Independence>
    /// What the numbers don't say, for readers who see nothing else.
    let note = "an assessment of a model's symbols: no lower bound, and no evidence about an eavesdropper"

    struct Estimates: Encodable {
        let symbols: NonIIDEstimates
        let bits: OrNull<NonIIDEstimates>
    }

    struct Independence: Encodable {
        /// False where a test refutes it.
        let passed: Bool
        let tests: IIDChecks
    }

    struct Restart: Encodable {
        let passed: Bool
        let initial: Double
        let mostFrequent: Int
        let cutoff: Int
        let rows: OrNull<Double>
        let columns: OrNull<Double>
    }

    init(
        _ assessment: NonIIDAssessment, layout: SymbolFile.Layout, control: NonIIDAssessment?,
        restart: RestartAssessment?, iid: IIDChecks?
    ) {
        self.layout = layout
        symbols = assessment.symbols
        bits = assessment.bits
        alphabet = assessment.alphabet
        isFull = assessment.symbols >= Entropy90B.recommendedSymbols
        let assessed = restart?.minEntropy ?? assessment.minEntropy
        self.assessed = assessed
        original = assessment.original
        bitString = OrNull(assessment.perSymbolOfBits)
        self.control = OrNull(control?.minEntropy)
        h90B = OrNull(
            control.map {
                KeyLengthInputs.Assessment(
                    assessed: assessed, control: $0.minEntropy, symbols: assessment.symbols
                ).gated(bits: assessment.bits)
            })
        estimates = Estimates(symbols: assessment.literal, bits: OrNull(assessment.bitString))
        self.iid = OrNull(iid.map { Independence(passed: $0.passed, tests: $0) })
        self.restart = OrNull(
            restart.map {
                Restart(
                    passed: $0.passed, initial: $0.initial, mostFrequent: $0.mostFrequent, cutoff: $0.cutoff,
                    rows: OrNull($0.rows?.minEntropy), columns: OrNull($0.columns?.minEntropy))
            })
    }

    var text: String {
        let six = { (value: Double) in String(format: "%.6f", value) }
        var lines = [
            "\(symbols) symbols of \(bits) bit\(bits == 1 ? "" : "s"), \(alphabet) different (\(layout)).",
            "",
        ]
        lines += table
        lines.append("")
        lines.append("Assessed: \(six(assessed)) bits a symbol.")
        if let control = control.value, let h90B = h90B.value {
            lines.append("A uniform control of equal length: \(six(control)).")
            lines.append("h90B = \(six(h90B)): the ratio is a gate, not a bound.")
        }
        if let restart = restart.value { lines.append(sentence(restart)) }
        if let iid = iid.value {
            lines.append(
                iid.passed
                    ? "Independent symbols of one law: not refuted (the permutation tests aren't run)."
                    : "Independent symbols of one law: REFUTED.")
        }
        if !isFull {
            lines.append(
                "Fewer than \(Entropy90B.recommendedSymbols) symbols: this doesn't count in a key length.")
        }
        lines.append("No evidence of secrecy: what an eavesdropper knows wasn't asked.")
        return lines.joined(separator: "\n")
    }

    private var table: [String] {
        let names = (estimates.bits.value ?? estimates.symbols).rows
        let symbols = Dictionary(estimates.symbols.rows.map { ($0.name, $0.minEntropy) }) { first, _ in first
        }
        let bits = Dictionary((estimates.bits.value?.rows ?? []).map { ($0.name, $0.minEntropy) }) {
            first, _ in
            first
        }
        let cell = { (value: Double?) in
            let text = value.map { String(format: "%.6f", $0) } ?? "-"
            return String(repeating: " ", count: max(0, 12 - text.count)) + text
        }
        let hasBits = estimates.bits.value != nil
        let padded = { (text: String) in text.padding(toLength: 28, withPad: " ", startingAt: 0) }
        return [padded("bits of min-entropy") + "    a symbol" + (hasBits ? "       a bit" : "")]
            + names.map { padded($0.name) + cell(symbols[$0.name]) + (hasBits ? cell(bits[$0.name]) : "") }
    }

    private func sentence(_ restart: Restart) -> String {
        guard restart.mostFrequent <= restart.cutoff else {
            return
                "Restarts FAIL: one symbol stands \(restart.mostFrequent) times in a row or column of 1000; "
                + "\(restart.cutoff) would be chance."
        }
        let values = [restart.rows.value, restart.columns.value].map { String(format: "%.6f", $0 ?? 0) }
        return "Restarts \(restart.passed ? "pass" : "FAIL"): rows \(values[0]), columns \(values[1])."
    }
}
