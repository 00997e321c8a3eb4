// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore

/// A raw key that is reconciled label bit by label bit: the most significant ones first, each stage's log-likelihoods
/// given all bits that were corrected before.
///
/// By the chain rule the stages together cost H(S|W,Y), where decoding all label bits at once costs the sum of
/// their own entropies, and bits of one stage are about equally sure, so that one code serves them.
///
/// ```swift
/// var stages = StagedKey(block)
/// while let key = stages.next() { try stages.take(await engine.run(key, as: party).bits) }
/// let whole = stages.bits
/// ```
public struct StagedKey: Sendable {
    /// One label bit of one component, and where its rows lie in the stage's key and in the raw key.
    private struct Slot: Sendable {
        var component: Int
        var plane: Int
        var rows: Int
        /// First bit in the raw key.
        var target: Int
        var frame: KeyFrame
    }

    private let block: QuantizedBlock
    private let stages: [[Slot]]
    private var stage = 0
    /// For each component the leading bits of each row's symbol that are known so far, as a number.
    private var prefixes: [[UInt8]]
    /// The corrected bits so far, in the raw key's order.
    public private(set) var bits: BitString

    public init(_ block: QuantizedBlock) {
        self.block = block
        var slots: [Slot] = []
        var frame = 0
        var target = 0
        for (component, bits) in block.labelBits.enumerated() where !block.layout.rows[component].isEmpty {
            let rows = block.layout.rows[component].count
            for plane in 0..<bits {
                slots.append(
                    Slot(
                        component: component, plane: plane, rows: rows, target: target,
                        frame: block.layout.frames[frame]))
                frame += 1
                target += rows
            }
        }
        // Counted from the least significant bit, those of one stage are about equally sure.
        let depth = block.labelBits.max() ?? 0
        stages = (0..<depth).map { stage in
            slots.filter { block.labelBits[$0.component] - $0.plane == depth - stage }
        }.filter { !$0.isEmpty }
        prefixes = block.layout.rows.map { [UInt8](repeating: 0, count: $0.count) }
        bits = BitString(count: block.layout.bitCount)
    }

    /// The next stage's key; nil when all are done.
    public func next() -> RawKey? {
        guard stage < stages.count else { return nil }
        let slots = stages[stage]
        let count = slots.reduce(0) { $0 + $1.rows }
        var own = BitString(count: count)
        var likelihoods: [Int8] = []
        var frames: [KeyFrame] = []
        var start = 0
        for slot in slots {
            var frame = slot.frame
            frame.range = start..<start + slot.rows
            frames.append(frame)
            if let seen = block.observations {
                for row in 0..<slot.rows {
                    // Units of 1/3 nat, clamped: what a fixed-point decoder takes.
                    let ratio =
                        3
                        * seen.ratio(
                            slot.component, row: row, prefix: Int(prefixes[slot.component][row]),
                            known: slot.plane)
                    likelihoods.append(Int8(max(-100, min(100, ratio.rounded()))))
                    if ratio < 0 { own[start + row] = true }
                }
            } else {
                for row in 0..<slot.rows where block.rawKey.bits[slot.target + row] {
                    own[start + row] = true
                }
            }
            start += slot.rows
        }
        return RawKey(bits: own, frames: frames, logLikelihoods: likelihoods)
    }

    /// Takes the corrected bits of the stage that `next` gave.
    ///
    /// - Precondition: as many as it gave.
    public mutating func take(_ corrected: BitString) {
        var start = 0
        for slot in stages[stage] {
            for row in 0..<slot.rows {
                let bit = corrected[start + row]
                if bit { bits[slot.target + row] = true }
                // Gray labels: a bit is the exclusive or of two neighboring bits of the symbol.
                let prefix = prefixes[slot.component][row]
                prefixes[slot.component][row] = prefix << 1 | ((bit ? 1 : 0) ^ prefix & 1)
            }
            start += slot.rows
        }
        stage += 1
    }
}

/// What the responder saw of each symbol: his score and the helper value. Keyed samples, they never leave.
struct SymbolObservations: Sendable {
    let components: [QuantizationPlan.Component]
    let quantizers: [QuantileHelperQuantizer]
    let scores: [[Float]]
    let helpers: [[UInt8]]

    /// The log-likelihood ratio of the label bit behind `known` leading bits of the symbol, positive for 0.
    func ratio(_ component: Int, row: Int, prefix: Int, known: Int) -> Double {
        quantizers[component].logLikelihood(
            score: Double(scores[component][row]), helper: Int(helpers[component][row]),
            correlation: components[component].correlation, tail: components[component].tail ?? 0,
            prefix: prefix, known: known)
    }
}
