// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore

/// What `qwave replay --block` reports: each block's exchange, and their sum.
struct ReplaySeriesResult: CommandResult {
    let blocks: [ReplayResult]
    let pairs: Int
    let keyBits: Int
    let netKeyBits: Int
    /// Blocks that made a key.
    let keyed: Int
    let secureBitsPerProbe: Double
    let bitsPerMinute: OrNull<Double>
    let keysEqual: Bool
    let simulated: Bool

    init(_ blocks: [ReplayResult]) {
        self.blocks = blocks
        pairs = blocks.reduce(0) { $0 + ($1.probes.paired.value ?? $1.probes.alice) }
        keyBits = blocks.reduce(0) { $0 + $1.keyBits }
        netKeyBits = blocks.reduce(0) { $0 + $1.netKeyBits }
        keyed = blocks.count { $0.keyBits > 0 }
        secureBitsPerProbe = pairs > 0 ? Double(netKeyBits) / Double(pairs) : 0
        let minutes = blocks.map { block in
            block.minutes.value
        }
        let known = minutes.compactMap(\.self)
        let total = known.reduce(0, +)
        bitsPerMinute = OrNull(
            known.count == minutes.count && total > 0 ? Double(netKeyBits) / total : nil)
        keysEqual = keyed > 0 && blocks.allSatisfy { $0.keyBits == 0 || $0.keysEqual }
        simulated = blocks.contains { $0.simulated }
    }

    var text: String {
        var lines = simulated ? ["SIMULATED CHANNEL: this key is no secret."] : []
        var first = 0
        for block in blocks {
            let count = block.probes.paired.value ?? block.probes.alice
            let range = "pairs \(first)..<\(first + count)".padding(toLength: 26, withPad: " ", startingAt: 0)
            first += count
            lines.append(
                range
                    + (block.keyBits > 0
                        ? "KEY \(block.keyBits) bits, \(block.quantizer)"
                        : "no key: " + (block.refused.first ?? "nothing is left")))
        }
        lines.append(
            (keyBits > 0 ? "KEY" : "NO KEY")
                + "  \(keyBits) bits of \(keyed) of \(blocks.count) blocks (\(netKeyBits) "
                + "net of authentication), keys equal: \(keysEqual), "
                + "\((secureBitsPerProbe * 1000).rounded() / 1000) bit a pair"
                + (bitsPerMinute.value.map { ", \(Int($0)) bit/min" } ?? ""))
        return lines.joined(separator: "\n")
    }
}
