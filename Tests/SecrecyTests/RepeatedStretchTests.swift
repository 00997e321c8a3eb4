// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@testable import Secrecy

@Suite struct RepeatedStretchTests {
    private static func series(_ count: Int, memory: Double = 0, seed: UInt64) -> [Double] {
        var generator = SplitMix64(seed: seed)
        var state = 0.0
        return (0..<count).map { _ in
            let u = Double.random(in: 1e-12..<1, using: &generator)
            let v = Double.random(in: 0..<1, using: &generator)
            let draw = (-2 * log(u)).squareRoot() * cos(2 * Double.pi * v)
            state = memory * state + (1 - memory * memory).squareRoot() * draw
            return state
        }
    }

    @Test(arguments: [0, 0.6, 0.9]) func `live series pass, of any memory`(memory: Double) {
        for seed in 0..<20 {
            let x = Self.series(6000, memory: memory, seed: UInt64(seed))
            let result = RepeatedStretchTest().run(x, keyed: 1200..<6000)
            #expect(result.passed, "seed \(seed): \(result.localValue ?? .nan)")
        }
    }

    @Test(arguments: [0, 0.6]) func `a course that is run again fails, through noise and after an offset`(
        memory: Double
    ) {
        let course = Self.series(3000, memory: memory, seed: 1)
        let noise = Self.series(9000, seed: 2)
        for shift in [0, 137] {
            let x = (0..<9000).map { row -> Double in
                let place = row >= 3000 ? row + shift : row
                return course[place % 3000] + 0.3 * noise[row]
            }
            #expect(!RepeatedStretchTest().run(x, keyed: 3000..<9000).passed)
            // Upside down it is the same course.
            let y = x.indices.map { $0 < 3000 ? -x[$0] : x[$0] }
            #expect(!RepeatedStretchTest().run(y, keyed: 3000..<9000).passed)
        }
    }

    @Test func `a block that repeats its own beginning fails, a wrap at the very end doesn't`() {
        var x = Self.series(10_000, seed: 3)
        #expect(RepeatedStretchTest().run(x, keyed: 2000..<10_000).passed)
        for row in 9700..<10_000 { x[row] = x[row - 9700] }
        #expect(RepeatedStretchTest().run(x, keyed: 2000..<10_000).passed)
        for row in 8000..<10_000 { x[row] = x[row - 5000] }
        #expect(!RepeatedStretchTest().run(x, keyed: 2000..<10_000).passed)
    }

    @Test func `what holds no stretch, or no numbers, fails`() {
        let x = Self.series(1000, seed: 4)
        #expect(!RepeatedStretchTest().run(x, keyed: 990..<1000).passed)
        #expect(!RepeatedStretchTest().run([], keyed: 0..<0).passed)
        #expect(!RepeatedStretchTest().run(x, keyed: 500..<1001).passed)
        #expect(!RepeatedStretchTest().run(x.map { $0 > 2 ? .nan : $0 }, keyed: 500..<1000).passed)
        #expect(!RepeatedStretchTest().run([Double](repeating: 1, count: 1000), keyed: 500..<1000).passed)
    }
}
