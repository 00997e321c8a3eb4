// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// The range and the ticks of one axis of a chart.
struct Axis {
    let low: Double
    let high: Double
    let ticks: [Double]
    let isLogarithmic: Bool

    /// - Parameter values: what must lie inside; values that a logarithmic axis can't show are left out.
    init(_ values: [Double], isLogarithmic: Bool) {
        self.isLogarithmic = isLogarithmic
        let shown = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
        guard let least = shown.min(), let most = shown.max() else {
            (low, high, ticks) = isLogarithmic ? (1, 10, [1, 10]) : (0, 1, [0, 1])
            return
        }
        if isLogarithmic {
            let first = Int(log10(least).rounded(.down))
            let last = max(first + 1, Int(log10(most).rounded(.up)))
            (low, high) = (pow(10, Double(first)), pow(10, Double(last)))
            ticks = (first...last).map { pow(10, Double($0)) }
        } else {
            let span = most > least ? most - least : max(abs(least), 1) * 0.1
            let step = Self.step(span / 5)
            let first = (least / step).rounded(.down)
            let last = max((most / step).rounded(.up), first + 1)
            (low, high) = (first * step, last * step)
            ticks = stride(from: first, through: last, by: 1).map { $0 * step }
        }
    }

    /// 1, 2 or 5 times a power of ten, at least `wanted`.
    private static func step(_ wanted: Double) -> Double {
        let scale = pow(10, log10(wanted).rounded(.down))
        return scale * ([1, 2, 5].first { $0 * scale >= wanted * 0.999 } ?? 10)
    }

    /// Where a value lies, 0 at the low end, 1 at the high one.
    func place(_ value: Double) -> Double {
        guard isLogarithmic else { return (value - low) / (high - low) }
        return log10(max(value, low) / low) / log10(high / low)
    }
}
