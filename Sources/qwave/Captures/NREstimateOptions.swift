// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import ChannelEstimation
internal import QWaveCore

/// `estimate --standard nr`: which sounding reference signal is in the recording. Names are those of the terminal's
/// SRS-Resource (3GPP TS 38.331).
struct NREstimateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("NR: the sequence's identity, sequenceId; must be given.", valueName: "0 to 1023"))
    var sequenceID: Int?

    @Option(
        name: .customLong("c-srs"),
        help: ArgumentHelp("NR: bandwidth configuration, in place of --blocks.", valueName: "0 to 63"))
    var configuration: Int?

    @Option(
        name: .customLong("b-srs"),
        help: ArgumentHelp("NR: level of the bandwidth configuration (default: 0).", valueName: "0 to 3"))
    var level: Int?

    @Option(help: ArgumentHelp("NR: every how many-th subcarrier is sent (default: 2).", valueName: "2 or 4"))
    var comb: Int?

    @Option(help: ArgumentHelp("NR: first subcarrier of the comb (default: 0).", valueName: "n"))
    var combOffset: Int?

    @Option(help: ArgumentHelp("NR: cyclic shift of the sequence (default: 0).", valueName: "0 to 11"))
    var cyclicShift: Int?

    @Option(help: ArgumentHelp("NR: antenna ports (default: 1).", valueName: "1 or 2"))
    var ports: Int?

    @Option(
        help: ArgumentHelp("NR: subcarrier spacing: 15, 30, 60 or 120 (default: 30).", valueName: "kHz"))
    var spacing: Double?

    @Option(
        help: ArgumentHelp(
            "NR: resource blocks of the carrier in whose middle the recording was tuned; the signal's own unless given.",
            valueName: "blocks"))
    var grid: Int?

    @Option(
        help: ArgumentHelp("NR: block of --grid in which the signal begins (default: 0).", valueName: "n"))
    var firstBlock: Int?

    /// Options by name, and whether they were given: for standards that have none of them.
    var given: [(String, Bool)] {
        [
            ("--sequence-id", sequenceID != nil), ("--c-srs", configuration != nil),
            ("--b-srs", level != nil), ("--comb", comb != nil), ("--comb-offset", combOffset != nil),
            ("--cyclic-shift", cyclicShift != nil), ("--ports", ports != nil), ("--spacing", spacing != nil),
            ("--grid", grid != nil), ("--first-block", firstBlock != nil),
        ]
    }

    /// Subcarrier spacing in Hz.
    var spacingInHertz: Double { (spacing ?? 30) * 1e3 }

    /// - Parameter blocks: `--blocks`.
    /// - Throws: `.usage` for what is missing, twice there, or not in the standard.
    func signal(blocks: Int?) throws(QWaveError) -> NRSoundingSignal {
        guard let sequenceID else {
            throw QWaveError(
                .usage,
                "a sounding signal is found by its sequence; give --sequence-id, which is often the cell's identity"
            )
        }
        let width = try width(blocks)
        guard firstBlock == nil || grid != nil else {
            throw QWaveError(.usage, "--first-block counts in a carrier; give its blocks by --grid")
        }
        var firstTone: Int?
        if let grid {
            let first = firstBlock ?? 0
            guard (1...275).contains(grid), (0..<grid).contains(first), width <= grid - first else {
                throw QWaveError(
                    .usage,
                    "\(width) blocks from block \(first) on don't fit into a carrier of \(grid); check --grid (up to 275), --first-block and \(blocks == nil ? "--c-srs" : "--blocks")"
                )
            }
            firstTone = 12 * first - 6 * grid
        }
        return try NRSoundingSignal(
            identity: sequenceID, blocks: width, comb: comb ?? 2, combOffset: combOffset ?? 0,
            cyclicShift: cyclicShift ?? 0, ports: ports ?? 1, firstTone: firstTone)
    }

    private func width(_ blocks: Int?) throws(QWaveError) -> Int {
        switch (blocks, configuration) {
        case (let blocks?, nil):
            guard level == nil else {
                throw QWaveError(.usage, "--b-srs goes with --c-srs, not with --blocks")
            }
            return blocks
        case (nil, let configuration?):
            return try NRSoundingBandwidth.blocks(configuration: configuration, level: level ?? 0)
        case (nil, nil):
            throw QWaveError(
                .usage,
                "how wide is the sounding signal? Give --c-srs (and --b-srs), or its resource --blocks")
        case (_?, _?):
            throw QWaveError(.usage, "choose --c-srs or --blocks")
        }
    }
}
