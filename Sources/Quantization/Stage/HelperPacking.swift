// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// Helper values on the wire: B bits each, in the order of components and rows, least significant bit first, the last
/// byte filled up with zeros.
struct HelperPacking {
    /// B of each value.
    let widths: [UInt8]

    init(_ plan: QuantizationPlan, _ layout: SymbolLayout) {
        widths = zip(plan.components, layout.rows).flatMap { component, rows in
            [UInt8](repeating: UInt8(component.helperBits), count: component.helperBits > 0 ? rows.count : 0)
        }
    }

    func byteCount(_ range: Range<Int>) -> Int { (widths[range].reduce(0) { $0 + Int($1) } + 7) / 8 }

    func pack(_ values: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var pending = 0
        var count = 0
        for (index, value) in zip(values.indices, values) {
            pending |= Int(value) << count
            count += Int(widths[index])
            while count >= 8 {
                bytes.append(UInt8(truncatingIfNeeded: pending))
                pending >>= 8
                count -= 8
            }
        }
        if count > 0 { bytes.append(UInt8(truncatingIfNeeded: pending)) }
        return bytes
    }

    /// The values of `range`; nil where the bytes aren't as many as they need, or the last one isn't filled with zeros.
    func unpack(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8]? {
        guard bytes.count == byteCount(range) else { return nil }
        var values: [UInt8] = []
        values.reserveCapacity(range.count)
        var pending = 0
        var count = 0
        var next = 0
        for index in range {
            let width = Int(widths[index])
            if count < width {
                pending |= Int(bytes[next]) << count
                next += 1
                count += 8
            }
            values.append(UInt8(pending & (1 << width - 1)))
            pending >>= width
            count -= width
        }
        return pending == 0 ? values : nil
    }
}
