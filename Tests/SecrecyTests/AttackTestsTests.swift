// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Secrecy
import Statistics
import TestSupport
import Testing

@Suite struct AttackTestsTests {
    static func normals(_ count: Int, seed: UInt64) -> [Double] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in Normal.quantile((Double(generator.next() >> 11) + 0.5) * 0x1p-53) }
    }

    @Test func `jumps are found and too many of them fail`() {
        var innovations = Self.normals(1000, seed: 2)
        let test = JumpTest(deviation: 1, injectedFraction: 0.01)
        #expect(test.run(innovations).outliers.isEmpty)
        for index in 0..<10 { innovations[index * 50] = 8 }
        #expect(test.run(innovations).outliers == (0..<10).map { $0 * 50 })
        #expect(test.run(innovations).result.passed)
        for index in 0..<20 { innovations[index * 50] = .nan }
        #expect(test.run(innovations).outliers.count == 20)
        #expect(!test.run(innovations).result.passed)
        #expect(!JumpTest(deviation: 0, injectedFraction: 0).run([0, 0]).result.passed)
        #expect(!test.run([]).result.passed)
    }

    @Test func `bits that follow their past are predicted, fair ones aren't`() {
        var generator = SplitMix64(seed: 3)
        let fair = (0..<8192).map { _ in generator.next() & 1 == 1 }
        #expect(PredictorTest(entropy: 1).run(fair).passed)
        var sticky = fair
        for index in 1..<sticky.count where generator.next() % 4 != 0 { sticky[index] = sticky[index - 1] }
        #expect(!PredictorTest(entropy: 1).run(sticky).passed)
        #expect(PredictorTest(entropy: 0.1).run(sticky).passed, "no more is claimed than there is")
        let periodic = (0..<4096).map { $0 % 30 < 15 }
        #expect(!PredictorTest(entropy: 0.9).run(periodic).passed)
        #expect(!PredictorTest(entropy: 1).run([Bool](repeating: true, count: 4096)).passed)
        #expect(!PredictorTest(entropy: 1).run([]).passed)
        #expect(!PredictorTest(entropy: .nan).run(fair).passed)
    }
}
