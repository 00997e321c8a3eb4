// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore

/// LTE's signals written down from the formulas of 3GPP TS 36.211 once more, slowly, apart from the code under test.
enum LTEReference {
    struct Value: Equatable {
        var tone: Int
        var re: Double
        var im: Double
    }

    /// 7.2, on arrays.
    static func gold(_ seed: Int, _ count: Int) -> [Int] {
        var x1 = [Int](repeating: 0, count: 1631 + count)
        var x2 = x1
        x1[0] = 1
        for i in 0..<31 { x2[i] = seed >> i & 1 }
        for n in 0..<1600 + count {
            x1[n + 31] = (x1[n + 3] + x1[n]) % 2
            x2[n + 31] = (x2[n + 3] + x2[n + 2] + x2[n + 1] + x2[n]) % 2
        }
        return (0..<count).map { (x1[$0 + 1600] + x2[$0 + 1600]) % 2 }
    }

    /// 6.10.1: port 0 or 1, `symbol` counted in the slot.
    static func reference(
        identity: Int, isNormal: Bool, slot: Int, symbol: Int, port: Int, blocks: Int
    ) -> [Value] {
        let seed =
            (7 * (slot + 1) + symbol + 1) * (2 * identity + 1) * 1024 + 2 * identity + (isNormal ? 1 : 0)
        let c = gold(seed, 440)
        let v = (port == 0) == (symbol == 0) ? 0 : 3
        return (0..<2 * blocks).map { m in
            let wide = m + 110 - blocks
            let k = 6 * m + (v + identity % 6) % 6
            // Subcarrier k of the grid stands half the grid below; the carrier's own tone is skipped (6.12).
            let tone = k < 6 * blocks ? k - 6 * blocks : k - 6 * blocks + 1
            return Value(
                tone: tone, re: Double(1 - 2 * c[2 * wide]) / 2.0.squareRoot(),
                im: Double(1 - 2 * c[2 * wide + 1]) / 2.0.squareRoot())
        }
    }

    /// Table 6.11.2.1-1: pairs (m0, m1) in the order of the groups, by counting rather than by its formula.
    static let groups: [(Int, Int)] = Array(
        (1...7).flatMap { distance in (0..<31 - distance).map { ($0, $0 + distance) } }.prefix(168))

    /// 6.11.2, tone by tone.
    static func secondary(identity: Int, secondHalf: Bool) -> [Value] {
        func m(_ taps: [Int]) -> [Int] {
            var x = [0, 0, 0, 0, 1]
            for i in 0..<26 { x.append(taps.map { x[i + $0] }.reduce(0, +) % 2) }
            return x.map { 1 - 2 * $0 }
        }
        let (s, c, z) = (m([2, 0]), m([3, 0]), m([4, 2, 1, 0]))
        let (m0, m1) = groups[identity / 3]
        let sector = identity % 3
        return (0..<62).map { index in
            let n = index / 2
            let value: Int
            switch (index % 2, secondHalf) {
            case (0, false): value = s[(n + m0) % 31] * c[(n + sector) % 31]
            case (0, true): value = s[(n + m1) % 31] * c[(n + sector) % 31]
            case (1, false): value = s[(n + m1) % 31] * c[(n + sector + 3) % 31] * z[(n + m0 % 8) % 31]
            default: value = s[(n + m0) % 31] * c[(n + sector + 3) % 31] * z[(n + m1 % 8) % 31]
            }
            return Value(tone: index < 31 ? index - 31 : index - 30, re: Double(value), im: 0)
        }
    }

    /// First sample of a symbol behind its guard interval, in the frame, at 15 kHz·`length`.
    static func start(slot: Int, symbol: Int, isNormal: Bool, length: Int) -> Int {
        var place = slot * length * 15 / 2
        for index in 0...symbol {
            place += isNormal ? length * (index == 0 ? 160 : 144) / 2048 : length / 4
            if index < symbol { place += length }
        }
        return place
    }
}
