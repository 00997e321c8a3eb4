// SPDX-License-Identifier: GPL-3.0-or-later

/// The secondary synchronization signal, which tells a cell's group and which half of the frame it is
/// (3GPP TS 36.211, 6.11.2).
enum LTESecondarySignal {
    /// ±1 on the tones of `LTEPrimarySignal.tones`, in subframe 0 or 5.
    static func values(group: Int, sector: Int, secondHalf: Bool) -> [Float] {
        // Table 6.11.2.1-1 by its formula.
        let first = group / 30
        let second = (group + first * (first + 1) / 2) / 30
        let rest = group + second * (second + 1) / 2
        let m0 = rest % 31
        let m1 = (m0 + rest / 31 + 1) % 31
        let (even, odd) = secondHalf ? (m1, m0) : (m0, m1)
        return (0..<62).map { index in
            let n = index / 2
            if index % 2 == 0 { return s[(n + even) % 31] * c[(n + sector) % 31] }
            return s[(n + odd) % 31] * c[(n + sector + 3) % 31] * z[(n + even % 8) % 31]
        }
    }

    private static let s = sequence([2, 0])
    private static let c = sequence([3, 0])
    private static let z = sequence([4, 2, 1, 0])

    /// 1 − 2x(i), x(i + 5) the sum of x(i + tap), from 0, 0, 0, 0, 1.
    private static func sequence(_ taps: [Int]) -> [Float] {
        var x = [0, 0, 0, 0, 1]
        for index in 0..<26 { x.append(taps.reduce(0) { $0 ^ x[index + $1] }) }
        return x.map { Float(1 - 2 * $0) }
    }
}
