// SPDX-License-Identifier: GPL-3.0-or-later

/// Decimal numbers straight from bytes, without a string for each.
enum NumberParser {
    /// The number that fills `bytes[start..<end]`, spaces around it aside, or nil.
    ///
    /// Correctly rounded: short numbers by exact arithmetic (a mantissa below 2⁵³ and a power of ten up to
    /// 10²² are both exact doubles, so one operation rounds once), longer ones by the standard library.
    /// `nan` and `inf` in any case give the value, so that the caller can say what is wrong with it.
    static func double(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Double? {
        let (begin, end) = trimmed(bytes, start, end)
        let first = begin
        var index = begin
        guard index < end else { return nil }
        let negative = bytes[index] == UInt8(ascii: "-")
        if negative || bytes[index] == UInt8(ascii: "+") { index &+= 1 }
        var mantissa: UInt64 = 0
        var digits = 0
        var significant = 0
        var exponent = 0
        var fraction = false
        scan: while index < end {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits &+= 1
                if significant > 0 || byte != UInt8(ascii: "0") { significant &+= 1 }
                if significant <= 18 { mantissa = mantissa &* 10 &+ UInt64(byte &- UInt8(ascii: "0")) }
                if fraction { exponent &-= 1 }
            case UInt8(ascii: "."):
                if fraction { return nil }
                fraction = true
            default: break scan
            }
            index &+= 1
        }
        guard digits > 0 else { return special(bytes, first, end) }
        if index < end {
            guard bytes[index] | 0x20 == UInt8(ascii: "e"), let power = integer(bytes, index + 1, end) else {
                return nil
            }
            exponent &+= max(-100_000, min(100_000, power))
        }
        if significant <= 18, mantissa < 1 << 53, exponent >= -22, exponent <= 22 {
            let value = Double(mantissa)
            let scaled = exponent < 0 ? value / powers[-exponent] : value * powers[exponent]
            return negative ? -scaled : scaled
        }
        guard end - first <= 400 else { return nil }
        return Double(String(decoding: bytes[first..<end], as: UTF8.self))
    }

    /// The whole number that fills `bytes[start..<end]`, spaces around it aside, or nil.
    static func integer(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Int? {
        let (begin, end) = trimmed(bytes, start, end)
        var index = begin
        guard index < end else { return nil }
        let negative = bytes[index] == UInt8(ascii: "-")
        if negative || bytes[index] == UInt8(ascii: "+") { index &+= 1 }
        guard index < end, end - index <= 18 else { return nil }
        var value = 0
        while index < end {
            let digit = Int(bytes[index]) &- Int(UInt8(ascii: "0"))
            guard digit >= 0, digit <= 9 else { return nil }
            value = value &* 10 &+ digit
            index &+= 1
        }
        return negative ? -value : value
    }

    private static func trimmed(_ bytes: [UInt8], _ start: Int, _ end: Int) -> (Int, Int) {
        var start = start
        var end = end
        while start < end, isSpace(bytes[start]) { start &+= 1 }
        while end > start, isSpace(bytes[end &- 1]) { end &-= 1 }
        return (start, end)
    }

    @inline(__always) static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private static func special(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Double? {
        guard end - start <= 9 else { return nil }
        switch String(decoding: bytes[start..<end], as: UTF8.self).lowercased() {
        case "nan", "+nan", "-nan": return .nan
        case "inf", "+inf", "infinity", "+infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        default: return nil
        }
    }

    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18, 1e19, 1e20, 1e21, 1e22,
    ]
}
