// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing
import Transforms

@Suite struct LTECellTests {
    typealias Prefix = LTECell.CyclicPrefix

    static func tones(_ frame: [IQ], _ start: Int, _ length: Int, blocks: Int) -> [Int: IQ] {
        let spectrum = FFT(length: length).forward(Array(frame[start..<start + length]))
        // A tone of modulus 1 has √(12·blocks) of the samples' unit and the transform's length.
        let scale = Float(12 * blocks).squareRoot() / Float(length)
        return Dictionary(
            uniqueKeysWithValues: (-6 * blocks...6 * blocks).map {
                ($0, spectrum[($0 + length) % length] * scale)
            })
    }

    @Test(arguments: [(0, 6), (142, 6), (503, 15), (86, 100)], Prefix.allCases)
    func `a cell's frame carries what the formulas say, and nothing else`(
        cell: (identity: Int, blocks: Int), prefix: Prefix
    ) throws {
        let (identity, blocks) = cell
        let length = [6: 128, 15: 256, 100: 2048][blocks] ?? 0
        let isNormal = prefix == .normal
        let symbols = isNormal ? 7 : 6
        for duplex in LTECell.Duplex.allCases {
            let downlink = try LTEDownlink(
                cell: LTECell(identity: identity, cyclicPrefix: prefix, duplex: duplex, ports: 2),
                blocks: blocks)
            #expect(downlink.sampleRate == 15e3 * Double(length))
            for port in 0..<2 {
                let frame = downlink.frame(port: port)
                #expect(frame.count == 150 * length)
                for slot in blocks == 100 ? [0, 3, 10] : Array(0..<20) {
                    for symbol in 0..<symbols {
                        var expected: [LTEReference.Value] = []
                        if symbol == 0 || symbol == symbols - 3 {
                            expected += LTEReference.reference(
                                identity: identity, isNormal: isNormal, slot: slot, symbol: symbol,
                                port: port,
                                blocks: blocks)
                        }
                        let secondary = duplex == .fdd ? (0, symbols - 2) : (1, symbols - 1)
                        if port == 0, slot % 10 == secondary.0, symbol == secondary.1 {
                            expected += LTEReference.secondary(identity: identity, secondHalf: slot >= 10)
                        }
                        let primary = duplex == .fdd ? (0, symbols - 1) : (2, 2)
                        let isPrimary = port == 0 && slot % 10 == primary.0 && symbol == primary.1
                        let start = LTEReference.start(
                            slot: slot, symbol: symbol, isNormal: isNormal, length: length)
                        let tones = Self.tones(frame, start, length, blocks: blocks)
                        var rest = tones
                        for value in expected {
                            let difference =
                                (tones[value.tone] ?? .zero) - IQ(Float(value.re), Float(value.im))
                            #expect(
                                difference.amplitude < 1e-3,
                                "slot \(slot) symbol \(symbol) tone \(value.tone)")
                            rest[value.tone] = nil
                        }
                        let power = rest.values.reduce(0) { $0 + $1.power }
                        #expect(abs(power - (isPrimary ? 62 : 0)) < 0.05, "slot \(slot) symbol \(symbol)")
                    }
                }
            }
        }
    }

    @Test func `the table of groups has 168 different pairs, those that the standard prints`() {
        // Table 6.11.2.1-1, entries of its columns' ends.
        let groups = LTEReference.groups
        #expect(groups.count == 168)
        for (group, m0, m1) in [
            (0, 0, 1), (29, 29, 30), (30, 0, 2), (58, 28, 30), (59, 0, 3), (87, 0, 4), (114, 0, 5),
            (140, 0, 6),
            (165, 0, 7), (167, 2, 9),
        ] {
            #expect(groups[group] == (m0, m1))
        }
    }

    /// Frames of a cell through two antennas' channels.
    static func recording(
        _ downlink: LTEDownlink, frames: Int, airs: [Air], start: Int, noise: Double, seed: UInt64
    ) -> [IQ] {
        var samples = Air.silence(frames * downlink.frameLength + start + 200)
        for (port, air) in airs.enumerated() {
            let frame = downlink.frame(port: port)
            let all = (0..<frames).flatMap { _ in frame }
            air.add(all, at: start, to: &samples)
        }
        var air = Air()
        air.noise = noise
        air.addNoise(to: &samples, seed: seed)
        return samples
    }

    @Test(arguments: [
        (0, Prefix.normal, LTECell.Duplex.fdd, 1, 6), (143, .extended, .fdd, 2, 6),
        (502, .normal, .tdd, 2, 6),
        (91, .extended, .tdd, 1, 15), (300, .normal, .fdd, 2, 25),
    ])
    func `a cell is found with all that is known of it, and its gains are within the noise that is claimed`(
        identity: Int, prefix: Prefix, duplex: LTECell.Duplex, ports: Int, blocks: Int
    ) throws {
        let cell = try LTECell(identity: identity, cyclicPrefix: prefix, duplex: duplex, ports: ports)
        let downlink = try LTEDownlink(cell: cell, blocks: blocks)
        let offset = 2 * Double.pi * -31_700 / downlink.sampleRate
        let airs = [
            Air(taps: Air.fourTaps, offset: offset), Air(taps: [IQ(0.3, 0.2), IQ(0, -0.6)], offset: offset),
        ]
        let noise = 0.02
        let samples = Self.recording(
            downlink, frames: 22, airs: Array(airs.prefix(ports)), start: 1777, noise: noise,
            seed: UInt64(identity))
        var receiver = try LTEReceiver(sampleRate: downlink.sampleRate)
        var subframes: [LTESubframe] = []
        for begin in stride(from: 0, to: samples.count, by: 70_001) {
            subframes += try receiver.receive(Array(samples[begin..<min(samples.count, begin + 70_001)]))
        }
        subframes += try receiver.finish()
        #expect(receiver.cell == cell)
        // 220 subframes from 1777 on; a frame's first ones may be passed over.
        #expect(subframes.count >= 205 && subframes.count <= 220)
        let length = Int(downlink.sampleRate / 15e3)
        var (error, claimed, count) = (0.0, 0.0, 0)
        for subframe in subframes where subframe.index >= 60 {
            #expect(abs(subframe.carrierOffset + 31_700) < 60)
            #expect(
                abs((subframe.start - 1777) % (length * 15)) < 3
                    || abs((subframe.start - 1777) % (length * 15)) > length * 15 - 3)
            claimed += subframe.noiseVariance
            // Delay and phase are the tracked timing's and carrier's: a line over the tones takes them out.
            for (port, gains) in subframe.gains.enumerated() {
                var best = Double.infinity
                for late in stride(from: -2.0, through: 3, by: 0.02) {
                    var inner = (re: 0.0, im: 0.0)
                    let truth = receiver.tones.map { tone -> IQ in
                        let response = airs[port].response(tone, length)
                        let angle = 2 * Double.pi * Double(tone) * late / Double(length)
                        return IQ(Float(response.re), Float(response.im))
                            * IQ(Float(cos(angle)), Float(sin(angle)))
                    }
                    for (gain, value) in zip(gains, truth) {
                        let product = value.conjugate * gain
                        inner.re += Double(product.re)
                        inner.im += Double(product.im)
                    }
                    let size = (inner.re * inner.re + inner.im * inner.im).squareRoot()
                    let turn = IQ(Float(inner.re / size), Float(inner.im / size))
                    let sum = zip(gains, truth).reduce(0.0) { $0 + Double(($1.0 - $1.1 * turn).power) }
                    best = min(best, sum)
                }
                error += best
                count += gains.count
            }
        }
        // Two symbols make a gain. Delay and phase, fitted, take two of the real dimensions of each port.
        let bound = noise * Double(12 * blocks) / Double(length) / 2
        let mean = error / Double(count)
        #expect(mean < 1.2 * bound, "\(mean / bound)")
        #expect(mean > 0.8 * bound, "\(mean / bound)")
        let used = subframes.filter { $0.index >= 60 }.count
        #expect(abs(claimed / Double(used) / bound - 1) < 0.1, "\(claimed / Double(used) / bound)")
    }

    @Test func `what no cell can have and rates that aren't LTE's are refused`() {
        for identity in [-1, 504] { #expect(throws: QWaveError.self) { try LTECell(identity: identity) } }
        #expect(throws: QWaveError.self) { try LTECell(identity: 1, ports: 4) }
        #expect(throws: QWaveError.self) { try LTEDownlink(cell: LTECell(identity: 1), blocks: 7) }
        #expect(throws: QWaveError.self) { try LTEReceiver(sampleRate: 2e6) }
        #expect(throws: QWaveError.self) { try LTEReceiver(sampleRate: 1.92e6, blocks: 7) }
        #expect(throws: QWaveError.self) { try LTEReceiver(sampleRate: 1.92e6, identity: 504) }
    }

    @Test func `noise, silence and a stream that is too short give no cell and no subframe`() throws {
        for samples in [CorrelatorTests.noise(120_000, seed: 8), Air.silence(120_000), Air.silence(100)] {
            var receiver = try LTEReceiver(sampleRate: 1.92e6)
            #expect(try (receiver.receive(samples) + receiver.finish()).isEmpty)
            #expect(receiver.cell == nil && receiver.tones.isEmpty)
        }
    }
}
