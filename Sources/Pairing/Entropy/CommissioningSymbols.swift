// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
public import Quantization
internal import Secrecy

/// The initiator's symbols of the commissioning part, as the plan would have keyed them: public, and never keyed.
///
/// Both ends make them from the samples that she published, so both come to the same. Nothing later than the
/// commissioning part goes in, not even into the trend: a symbol here says nothing of what is keyed.
public struct CommissioningSymbols: Sendable, Hashable {
    /// Symbols by kind: one symbol a byte, row by row, inside a row component by component.
    public let series: [SymbolKind: [UInt8]]

    /// What makes symbols comparable: the feature that they come from, and their width.
    public struct SymbolKind: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
        public var feature: FeatureKind
        public var bits: Int

        public init(feature: FeatureKind, bits: Int) {
            self.feature = feature
            self.bits = bits
        }

        public var description: String { "\(feature.rawValue), \(bits) bit" }

        public static func < (a: Self, b: Self) -> Bool {
            (a.feature.rawValue, a.bits) < (b.feature.rawValue, b.bits)
        }
    }

    public init(series: [SymbolKind: [UInt8]]) { self.series = series }

    /// - Parameter published: the initiator's published features, a row for each commissioning pair.
    init(published: FeatureMatrix, plan: QuantizationPlan) {
        let streams = ComponentStreams(published: published, plan: plan, role: .initiator)
        let rows = streams.scores.map(\.count).min() ?? 0
        // Rows that the plan wouldn't key, like those of a segment where nothing fades, don't count here either.
        let layout = SymbolLayout(
            plan: plan, keyed: 0..<rows, pairsPerRow: streams.pairsPerRow,
            segmentClasses: streams.segmentClasses)
        var series: [SymbolKind: [UInt8]] = [:]
        for bits in Set(plan.components.map(\.bits)) {
            let chosen = plan.components.indices.filter { plan.components[$0].bits == bits }
            let quantizer = EquiprobableQuantizer(bits: bits)
            var next = [Int](repeating: 0, count: chosen.count)
            var symbols: [UInt8] = []
            symbols.reserveCapacity(chosen.reduce(0) { $0 + layout.rows[$1].count })
            for row in 0..<rows {
                for (place, index) in chosen.enumerated() {
                    let keyed = layout.rows[index]
                    guard next[place] < keyed.count, keyed[next[place]] == row else { continue }
                    next[place] += 1
                    let score = streams.scores[plan.components[index].source][row]
                    symbols.append(UInt8(truncatingIfNeeded: quantizer.symbol(score)))
                }
            }
            series[SymbolKind(feature: plan.feature, bits: bits)] = symbols
        }
        self.series = series
    }

    /// The SP 800-90B assessment of each component's kind of symbols, pooled ones first, the newest 10⁶; nil where
    /// there are fewer.
    func assessments(
        _ plan: QuantizationPlan, pool: SymbolPool?
    ) throws(QWaveError) -> [KeyLengthInputs.Assessment?] {
        var known: [Int: KeyLengthInputs.Assessment] = [:]
        for bits in Set(plan.components.map(\.bits)).sorted() {
            let kind = SymbolKind(feature: plan.feature, bits: bits)
            let symbols = (pool?.symbols(kind) ?? []) + (series[kind] ?? [])
            guard symbols.count >= Entropy90B.recommendedSymbols else { continue }
            let newest = Array(symbols.suffix(Entropy90B.recommendedSymbols))
            known[bits] = try KeyLengthInputs.Assessment(commissioning: SymbolSeries(newest, bits: bits))
        }
        return plan.components.map { known[$0.bits] }
    }
}
