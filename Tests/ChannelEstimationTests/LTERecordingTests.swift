// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing

/// The recorded LTE signal: two cells of one mast, 23 ppm away from the receiver's clock.
@Suite(.enabled(if: PrivateData.hasCaptures, "recorded captures aren't here; set QWAVE_CAPTURES"))
struct LTERecordingTests {
    static func samples() throws -> [IQ] {
        let reader = try IQFileReader(
            path: PrivateData.capture("iq/lte/f1860_s1.92_g0_1s_strong.bin").path, format: .cu8, skipping: 128
        )
        var samples: [IQ] = []
        while let next = try reader.next() { samples += next }
        return samples
    }

    @Test
    func `the secondary signal names the cell of the oracle's root, and the clocks agree with the carrier`()
        throws
    {
        let cells = try LTESearch().cells(Self.samples())
        let best = try #require(cells.first)
        // The oracle's strongest root is 29, sector 1.
        #expect(best.cell.sector == 1)
        #expect(best.cell.identity == 142)
        #expect(best.cell.duplex == .fdd && best.cell.cyclicPrefix == .normal)
        #expect(best.score > 20)
        // One crystal clocks the receiver's samples and makes its carrier of 1,860 MHz: ppm of one are ppm of both.
        let clock = (best.framePeriod / 19_200 - 1) * 1e6
        #expect(abs(clock + best.carrierOffset / 1860) < 3)
        // The oracle's second root is 34, its third, 25, is no cell.
        #expect(cells.map(\.cell.sector) == [1, 2])
    }

    @Test(arguments: [142, 86])
    func `the reference signal is that of the found cell and of no other`(identity: Int) throws {
        let samples = try Array(Self.samples().prefix(900_000))
        var receiver = try LTEReceiver(sampleRate: 1.92e6, identity: identity)
        let subframes = try receiver.receive(samples) + receiver.finish()
        #expect(subframes.count >= 460)
        let coherence = subframes.map(\.coherence).reduce(0, +) / Double(subframes.count)
        #expect(coherence > 0.35, "\(coherence)")
        // Other scrambling at the same places and timing: what noise has, 0.2 for 24 tones or less for more.
        var stranger = try LTEReceiver(sampleRate: 1.92e6, identity: identity == 142 ? 141 : 85)
        #expect(try (stranger.receive(samples) + stranger.finish()).isEmpty)
    }

    @Test(arguments: [142, 86])
    func `subframes that follow each other differ by the noise that is claimed`(identity: Int) throws {
        var receiver = try LTEReceiver(sampleRate: 1.92e6, identity: identity)
        let subframes = try (receiver.receive(Self.samples()) + receiver.finish()).filter {
            $0.coherence > 0.3
        }
        #expect(subframes.count > 700)
        var ratios: [Double] = []
        for (a, b) in zip(subframes, subframes.dropFirst()) where b.index == a.index + 1 {
            // A millisecond turns the carrier's rest; nothing else of a standing receiver's channel.
            let (x, y) = (a.gains.flatMap { $0 }, b.gains.flatMap { $0 })
            var inner = (re: 0.0, im: 0.0)
            for (p, q) in zip(x, y) {
                let product = p.conjugate * q
                inner.re += Double(product.re)
                inner.im += Double(product.im)
            }
            let size = (inner.re * inner.re + inner.im * inner.im).squareRoot()
            let turn = IQ(Float(inner.re / size), Float(-inner.im / size))
            let rest = zip(x, y).reduce(0.0) { $0 + Double(($1.0 - $1.1 * turn).power) }
            ratios.append(rest / Double(x.count) / (a.noiseVariance + b.noiseVariance))
        }
        let mean = ratios.reduce(0, +) / Double(ratios.count)
        #expect(mean > 0.8 && mean < 1.3, "\(mean)")
    }
}
