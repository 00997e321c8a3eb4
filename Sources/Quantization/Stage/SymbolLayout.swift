// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Which rows of a block carry which component, and where each label bit lies in the raw key: public, the same at
/// both ends.
///
/// Bits are ordered by component, then by label bit (most significant first), then by row, so that each
/// (component, label bit) is one frame of a single expected disagreement.
public struct SymbolLayout: Sendable, Hashable {
    /// For each component the rows, rising, that carry one of its symbols.
    public let rows: [[Int]]
    public let frames: [KeyFrame]
    /// Bits of the raw key.
    public let bitCount: Int

    /// - Parameters:
    ///   - keyed: the rows that are keyed.
    ///   - segmentClasses: the initiator's published class of each segment; empty where the plan has none.
    public init(plan: QuantizationPlan, keyed: Range<Int>, pairsPerRow: Int, segmentClasses: [Int]) {
        var rows = [[Int]](repeating: [], count: plan.components.count)
        if plan.segmentLength > 0 {
            var componentOfClass: [Int: [Int]] = [:]
            for (index, component) in plan.components.enumerated() {
                componentOfClass[component.segmentClass ?? -1, default: []].append(index)
            }
            for row in keyed {
                let segment = row * pairsPerRow / plan.segmentLength
                guard segment < segmentClasses.count else { break }
                for index in componentOfClass[segmentClasses[segment]] ?? [] { rows[index].append(row) }
            }
        } else {
            for (index, component) in plan.components.enumerated() {
                let each = plan.symbolsPerRow(source: component.source)
                rows[index] = Array(keyed.lowerBound * each..<keyed.upperBound * each)
            }
        }
        var frames: [KeyFrame] = []
        var start = 0
        for (index, component) in plan.components.enumerated() where !rows[index].isEmpty {
            for plane in 0..<component.bits {
                let end = start + rows[index].count
                let law = plan.model.components[index]
                frames.append(
                    KeyFrame(
                        range: start..<end, errorRate: law.errorRates[plane],
                        softEntropy: law.softEntropies[plane]))
                start = end
            }
        }
        self.rows = rows
        self.frames = frames
        bitCount = start
    }

    /// Symbols in the block.
    public var symbolCount: Int { rows.reduce(0) { $0 + $1.count } }
}
