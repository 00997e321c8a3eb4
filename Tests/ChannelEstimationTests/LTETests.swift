// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing

@Suite struct LTETests {
    @Test(.enabled(if: PrivateData.hasCaptures, "recorded captures aren't here; set QWAVE_CAPTURES"))
    func `the recorded cell has the oracle's root, timing and carrier offset`() throws {
        let path = PrivateData.capture("iq/lte/f1860_s1.92_g0_1s_strong.bin").path
        let object = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: path + ".oracle.json")))
        let values = try #require((object as? [String: Any])?["values"] as? [String: Any])
        let list = try #require(values["pss"] as? [[String: Any]])
        let oracle = try #require(
            list.max { ($0["peak_to_mean"] as? Double ?? 0) < ($1["peak_to_mean"] as? Double ?? 0) })
        let reader = try IQFileReader(
            path: path, format: .cu8, skipping: try #require(values["header_or_extra_bytes"] as? Int))
        var samples: [IQ] = []
        while let next = try reader.next() { samples += next }
        let signal = try #require(try LTESearch().primary(samples))
        #expect(signal.root == oracle["u"] as? Int)
        // The oracle sums the whole second, while the clock drifts by some samples; this looks at 200 ms.
        #expect(abs(signal.start - (try #require(oracle["phase_5ms"] as? Int))) <= 5)
        #expect(abs(signal.carrierOffset - (try #require(oracle["freq_hz"] as? Double))) < 5000)
    }

    @Test(arguments: [(0, 25, -12e3), (1, 29, 0), (2, 34, 7e3)])
    func `a signal made by its formula is found, in noise as strong`(sector: Int, root: Int, offset: Double)
        throws
    {
        // 36.211, 6.11.1.1, in time by the definition of the transform.
        let symbol = (0..<128).map { t in
            var sum = (re: 0.0, im: 0.0)
            for n in 0..<62 {
                let tone = n < 31 ? n - 31 : n - 30
                let place = n < 31 ? n * (n + 1) : (n + 1) * (n + 2)
                let angle = -Double.pi * Double(root * place) / 63 + 2 * .pi * Double(tone * t) / 128
                sum.re += cos(angle)
                sum.im += sin(angle)
            }
            return IQ(Float(sum.re), Float(sum.im)) * (1 / Float(62).squareRoot())
        }
        var samples = Air.silence(96_000)
        let air = Air(taps: Air.fourTaps, offset: 2 * .pi * offset / 1.92e6, noise: 1)
        for half in 0..<9 { air.add(symbol, at: 1234 + 9600 * half, to: &samples) }
        air.addNoise(to: &samples, seed: UInt64(root))
        let signal = try #require(try LTESearch().primary(samples))
        #expect(signal.sector == sector && signal.root == root)
        #expect(abs(signal.start - 1234) <= 1)
        #expect(abs(signal.carrierOffset - offset) < 500)
    }

    @Test func `noise is no cell, and too few samples are refused`() throws {
        #expect(try LTESearch().primary(CorrelatorTests.noise(40_000, seed: 5)) == nil)
        #expect(try LTESearch().primary(Air.silence(40_000)) == nil)
        #expect(throws: QWaveError.self) { try LTESearch().primary(Air.silence(38_399)) }
    }
}
