// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Secrecy
import Testing

/// The periodicity test against the commissioned spectrum.
@Suite struct PeriodicityTests {
    private static func normals(_ count: Int, seed: UInt64) -> [Double] {
        AttackTestsTests.normals(count, seed: seed)
    }

    /// A series with memory: a first-order process of correlation r.
    private static func memory(_ count: Int, r: Double, seed: UInt64) -> [Double] {
        var x = 0.0
        return normals(count, seed: seed).map { fresh in
            x = r * x + (1 - r * r).squareRoot() * fresh
            return x
        }
    }

    @Test(arguments: [0, 0.5, 0.9, -0.7])
    func `a line that commissioning didn't have alarms, the channel's own memory doesn't`(r: Double) {
        let before = Self.memory(1500, r: r, seed: 1)
        let after = Self.memory(1500, r: r, seed: 2)
        let test = PeriodicityTest()
        #expect(test.run(after, commissioned: before).passed)
        let blocked = after.enumerated().map { $1 + ($0 / 8 % 2 == 0 ? 0.6 : -0.6) }
        #expect(!test.run(blocked, commissioned: before).passed)
    }

    @Test func `the threshold is the law of a line over the mean of its neighbors`() {
        let test = PeriodicityTest(falseAlarm: 0.05)
        let limit = test.threshold(lines: 1000)
        #expect(abs(1000 * pow(1 + limit / 32, -32) - 0.05) < 1e-9)
        // The commissioned floor only ever raises the bar: no more alarms than five in a hundred, ten standard
        // deviations added, and a test that never alarms would be none.
        let alarms = (0..<400).count { index in
            let values = Self.normals(400, seed: 5000 + 2 * UInt64(index))
            return !test.run(values, commissioned: Self.normals(400, seed: 5001 + 2 * UInt64(index))).passed
        }
        #expect(alarms < 64)
        let eager = PeriodicityTest(falseAlarm: 0.9)
        #expect(
            (0..<100).contains { index in
                !eager.run(
                    Self.normals(400, seed: 9000 + UInt64(index)), commissioned: Self.normals(400, seed: 1)
                ).passed
            })
    }

    @Test func `what holds no spectrum fails`() {
        let good = Self.normals(500, seed: 7)
        let test = PeriodicityTest()
        #expect(!test.run([1, 2, 3], commissioned: good).passed)
        #expect(!test.run(good, commissioned: Array(good.prefix(100))).passed)
        #expect(!test.run([Double](repeating: 0.1, count: 500), commissioned: good).passed)
        #expect(!test.run(good, commissioned: [Double](repeating: 0.1, count: 500)).passed)
        #expect(!test.run(good + [.nan], commissioned: good).passed)
        #expect(!test.run(good, commissioned: good + [.infinity]).passed)
    }
}
