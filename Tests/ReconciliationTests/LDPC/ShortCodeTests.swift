// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

@Suite struct ShortCodeTests {
    /// A digest of everything that both ends must draw alike.
    static func digest(_ code: LDPCCode) -> UInt64 {
        var digest = UInt64(code.columns)
        func add(_ value: UInt64) { digest = PublicShuffle.mix(digest ^ value) &+ 1 }
        for edge in code.edges { add(UInt64(edge.column)) }
        for boundary in code.baseBoundaries { add(UInt64(boundary)) }
        for cut in code.cuts { add(UInt64(cut)) }
        return digest
    }

    @Test(arguments: [16, 20, 64, 100, 256, 516, 1024, 2048, 4096], [2, 50, 150, 300, 470, 700, 950])
    func `a code has its columns, at least its rows, and no row with a column twice`(
        columns: Int, leak: Int
    ) throws {
        let rows = max(1, columns * leak / 1000)
        let code = try ShortCode.make(columns: columns, rows: rows)
        #expect(code.columns == columns && !code.isShifted && code.lift == 64)
        #expect(code.rows(level: 0) >= min(rows, 2) && code.levels > 0)
        #expect(code.rows(level: code.levels) <= columns)
        // The code checks the rest of its own structure.
        let degrees = code.edges.reduce(into: [Int](repeating: 0, count: columns)) { $0[Int($1.column)] += 1 }
        #expect(degrees.allSatisfy { $0 >= min(2, code.rows(level: 0)) })
    }

    @Test(
        arguments: [
            (256, 120, 0x5fcd_6c74_9209_781e), (1024, 500, 0xc732_ba31_9d04_b4da),
            (4096, 600, 0x19a4_3e55_b479_a5a2),
        ] as [(Int, Int, UInt64)])
    func `every machine draws the same code`(columns: Int, rows: Int, digest: UInt64) throws {
        #expect(Self.digest(try ShortCode.make(columns: columns, rows: rows)) == digest)
    }

    @Test func `columns of degree 2 hold no codeword of their own`() throws {
        for (columns, rows) in [(256, 120), (1024, 500), (1024, 200)] {
            let code = try ShortCode.make(columns: columns, rows: rows)
            var ends = [[Int]](repeating: [], count: columns)
            let bounds = code.boundaries(level: 0)
            for row in 0..<bounds.count - 1 {
                for edge in code.edges[Int(bounds[row])..<Int(bounds[row + 1])] {
                    ends[Int(edge.column)].append(row)
                }
            }
            // A forest: joining two rows that are joined already would close a cycle.
            var parent = Array(0..<bounds.count - 1)
            func root(_ row: Int) -> Int { parent[row] == row ? row : root(parent[row]) }
            for pair in ends where pair.count == 2 {
                #expect(root(pair[0]) != root(pair[1]))
                parent[root(pair[0])] = root(pair[1])
            }
        }
    }

    @Test func `the need is what logarithms say`() {
        for e in [1e-9, 1e-4, 0.01, 0.11, 0.25, 0.4999, 0.5] {
            let need = LDPCNeed(KeyFrame(range: 0..<1, errorRate: e))
            #expect(abs(need.entropy - binaryEntropy(e)) < 1e-9)
            let ratio = log2((1 - e) / e)
            #expect(abs(need.dispersion - e * (1 - e) * ratio * ratio) < 1e-9)
            let magnitude = Int(LDPCDecoding.magnitude(errorRate: e))
            #expect(magnitude == min(22, Int((3 * log((1 - e) / e)).rounded())))
        }
        #expect(LDPCNeed(KeyFrame(range: 0..<1, errorRate: 0)) == .zero)
    }
}
