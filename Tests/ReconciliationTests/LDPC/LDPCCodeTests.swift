// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

/// A random code for tests: each column in `turns` rows, each row with `degree` columns, and cuts in some rows.
///
/// `degree` divides `columns`.
func randomCode(
    lift: Int, columns: Int, turns: Int = 3, degree: Int, cuts: Int = 0, shifted: Bool = true, unit: Int = 3,
    seed: UInt64
) throws -> LDPCCode {
    var random = SplitMix64(seed: seed)
    var edges: [LDPCCode.Edge] = []
    for _ in 0..<turns {
        edges += (0..<columns).shuffled(using: &random).map {
            .init(column: $0, shift: shifted ? Int.random(in: 0..<lift, using: &random) : 0)
        }
    }
    let boundaries = Array(stride(from: 0, through: edges.count, by: degree))
    let rows = boundaries.count - 1
    let middles = (0..<min(cuts, rows)).map {
        boundaries[$0] + 1 + Int.random(in: 0..<degree - 1, using: &random)
    }
    return try LDPCCode(
        lift: lift, columns: columns, edges: edges, boundaries: boundaries, cuts: middles, unit: unit)
}

/// The bit at `place` of `column` in a frame of packed words.
func bit(_ words: [UInt64], _ code: LDPCCode, column: Int, place: Int) -> Bool {
    let index = column * code.lift + place
    return words[index / 64] >> UInt64(index % 64) & 1 != 0
}

@Suite struct LDPCCodeTests {
    @Test(arguments: [64, 128, 192, 512], [true, false])
    func `A syndrome is what its checks say bit by bit, at every level`(lift: Int, shifted: Bool) throws {
        let code = try randomCode(
            lift: lift, columns: 12, degree: 6, cuts: 4, shifted: shifted, seed: UInt64(lift))
        var random = SplitMix64(seed: 7)
        let words = (0..<12 * lift / 64).map { _ in random.next() }
        for level in 0...code.levels {
            let bounds = code.boundaries(level: level)
            let syndrome = code.syndrome(of: words.span, level: level)
            #expect(bounds.count == code.rows(level: level) + 1)
            for row in 0..<code.rows(level: level) {
                for place in 0..<lift {
                    var parity = false
                    for edge in code.edges[Int(bounds[row])..<Int(bounds[row + 1])] {
                        let at = (place + Int(edge.shift)) % lift
                        parity = parity != bit(words, code, column: Int(edge.column), place: at)
                    }
                    let index = row * lift + place
                    #expect(syndrome[index / 64] >> UInt64(index % 64) & 1 == (parity ? 1 : 0))
                }
            }
        }
    }

    @Test func `A level's syndrome follows from the last one's and the half that it adds`() throws {
        let code = try randomCode(lift: 128, columns: 20, degree: 10, cuts: 6, seed: 3)
        var random = SplitMix64(seed: 8)
        let words = (0..<40).map { _ in random.next() }
        var syndrome = code.syndrome(of: words.span, level: 0)
        for level in 0..<code.levels {
            let added = code.addedSyndrome(of: words.span, after: level)
            #expect(added.count == 2)
            code.refine(&syndrome, from: level, with: added)
            #expect(syndrome == code.syndrome(of: words.span, level: level + 1))
        }
    }
}
