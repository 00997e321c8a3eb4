// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import Foundation
import QWaveCore
import TestSupport
import Testing

@Suite struct IntelTests {
    static let logs = [
        "csi/intel5300/example.dat", "csi/intel5300/log.all_csi.6.7.6.dat", "csi/intel5300/los_100.dat",
        "reciprocal/intel-521-12/alice.dat", "reciprocal/intel-521-12/bob.dat",
        "reciprocal/intel-522-17-2/alice.dat", "reciprocal/intel-522-17-2/bob.dat",
        "reciprocal/intel-data/alice.dat", "reciprocal/intel-data/bob.dat",
    ]

    /// Column of the oracle's 3 x 3 grid, rx-major, as an index into a packet; nil where it is padding.
    private func index(_ sample: Oracle.Sample, _ shape: SnapshotShape) -> Int? {
        let (rx, tx) = (sample.column / 3, sample.column % 3)
        guard rx < shape.receiveAntennas, tx < shape.transmitAntennas else { return nil }
        return (rx * shape.transmitAntennas + tx) * shape.subcarriers + sample.subcarrier
    }

    @Test(.enabled(if: PrivateData.hasCaptures), arguments: logs)
    func `recorded logs give the fields, samples and sums that other readers found`(path: String) throws {
        let oracle = try Oracle(path)
        let capture = try oracle.capture()
        #expect(capture.format == .intel5300)
        #expect(capture.packetCount == oracle.int("packets"))
        guard case .intel(let records, _) = capture.details else {
            Issue.record("no records")
            return
        }
        #expect(
            [records[0], records[records.count - 1]].map { Int($0.timestampLow) }
                == oracle.ints("timestamp_low_us_first_last"))
        #expect(
            [records[0], records[records.count - 1]].map { Int($0.count) }
                == oracle.ints("bfee_count_first_last"))
        #expect(
            [records[0], records[records.count - 1]].map { Int($0.pairingNumber) }
                == oracle.ints("bfee_reserved_u16_at_6_first_last"))
        #expect(records.prefix(5).map { Int($0.rssi.a) } == oracle.ints("rssi_a_first"))
        #expect(records.prefix(5).map { Int($0.rssi.b) } == oracle.ints("rssi_b_first"))
        #expect(records.prefix(5).map { Int($0.rssi.c) } == oracle.ints("rssi_c_first"))
        #expect(records.prefix(5).map { Int($0.noise) } == oracle.ints("noise_first"))
        #expect(records.prefix(5).map { Int($0.agc) } == oracle.ints("agc_first"))
        #expect(records.prefix(5).map { Int($0.rate) } == oracle.ints("rate_first"))
        #expect(records[0].permutation == oracle.ints("perm_first"))

        for sample in try oracle.samples("raw_samples") {
            let gains = Array(capture.gains(ofPacket: sample.packet))
            let gain = index(sample, capture.trace.shape(at: sample.packet)).map { gains[$0] } ?? .zero
            #expect(Double(gain.re) == sample.value.0 && Double(gain.im) == sample.value.1, "\(sample)")
        }
        for sample in try oracle.samples("scaled_samples") {
            let gains = try #require(capture.scaledGains(ofPacket: sample.packet))
            let gain = index(sample, capture.trace.shape(at: sample.packet)).map { gains[$0] } ?? [0, 0]
            #expect(abs(gain[0] - sample.value.0) <= 1e-9 * max(1, abs(sample.value.0)), "\(sample)")
            #expect(abs(gain[1] - sample.value.1) <= 1e-9 * max(1, abs(sample.value.1)), "\(sample)")
        }
        // The oracle's reader moves the second of two chains to the third antenna where the record says so, and
        // its sums over two antennas then hold zeros in its place. The CSI Tool's own reader moves three chains
        // only, and so does QWave: nothing recorded is lost.
        var gains = capture.trace.gains
        var start = 0
        for record in records {
            if record.receiveAntennas == 2, record.permutation[1] == 2 {
                for index in start + 30..<start + 60 { gains[index] = .zero }
            }
            start += 30 * Int(record.receiveAntennas) * Int(record.transmitAntennas)
        }
        #expect(Oracle.digest(gains) == (try oracle.expectedDigest()))
        let histogram = try #require(oracle.root["nrx_ntx_histogram"] as? [String: Int])
        let shapes = try capture.summary().shapes
        #expect(
            Dictionary(
                uniqueKeysWithValues: shapes.map {
                    ("\($0.receiveAntennas)x\($0.transmitAntennas)", $0.snapshots)
                })
                == histogram)
    }

    @Test(.enabled(if: PrivateData.hasCaptures), arguments: ["example", "log.all_csi.6.7.6"])
    func `every raw and scaled value equals the CSI Tool's own`(name: String) throws {
        let reference = try #require(
            try Oracle.json("csi/intel5300/\(name).matlab.json")["packets"] as? [[String: Any]])
        let capture = try Oracle("csi/intel5300/\(name).dat").capture()
        let scaledTrace = capture.scaledTrace()
        #expect(capture.packetCount == reference.count)
        var compared = 0
        for (index, packet) in reference.enumerated() {
            func values(_ key: String) throws -> [[[Double]]] { try #require(packet[key] as? [[[Double]]]) }
            let (re, im) = (try values("csi_re"), try values("csi_im"))
            let (scaledRe, scaledIm) = (try values("scaled_re"), try values("scaled_im"))
            let shape = capture.trace.shape(at: index)
            let raw = Array(capture.gains(ofPacket: index))
            let scaled = try #require(capture.scaledGains(ofPacket: index))
            let single = Array(scaledTrace.gains(at: index))
            for tx in 0..<shape.transmitAntennas {
                for rx in 0..<shape.receiveAntennas {
                    for tone in 0..<30 {
                        let place = (rx * shape.transmitAntennas + tx) * 30 + tone
                        let exact = (scaledRe[tx][rx][tone], scaledIm[tx][rx][tone])
                        let tolerance = 1e-12 * max(1, abs(exact.0), abs(exact.1))
                        guard Double(raw[place].re) == re[tx][rx][tone],
                            Double(raw[place].im) == im[tx][rx][tone],
                            abs(scaled[place][0] - exact.0) <= tolerance,
                            abs(scaled[place][1] - exact.1) <= tolerance,
                            abs(Double(single[place].re) - exact.0) <= 1e-6 * max(1, abs(exact.0)),
                            abs(Double(single[place].im) - exact.1) <= 1e-6 * max(1, abs(exact.1))
                        else {
                            Issue.record("packet \(index), rx \(rx), tx \(tx), tone \(tone)")
                            return
                        }
                        compared += 1
                    }
                }
            }
            let permutation = try #require(packet["perm_one_based"] as? [Int])
            guard case .intel(let records, _) = capture.details else { return }
            #expect(records[index].permutation == permutation.map { $0 - 1 })
        }
        #expect(compared == capture.trace.gains.count)
    }

    @Test(
        .enabled(if: PrivateData.hasCaptures),
        arguments: ["intel-521-12", "intel-522-17-2", "intel-data"])
    func `both ends of a recorded pair carry the numbers that pair them`(set: String) throws {
        let table = try CaptureReader.open(
            PrivateData.capture("reciprocal/\(set)/pair.csv").path,
            options: CaptureOptions(column: "alice_packet,bob_packet,alice_amplitude,bob_amplitude")
        ).trace
        let alice = try CaptureReader.open(PrivateData.capture("reciprocal/\(set)/alice.dat").path)
        let bob = try CaptureReader.open(PrivateData.capture("reciprocal/\(set)/bob.dat").path)
        #expect(alice.sequenceSource == "pairing number")
        for row in 0..<table.count {
            let values = table.gains(at: row).map(\.re)
            let sequence = try #require(table.sequence(at: row))
            #expect(alice.trace.sequence(at: Int(values[0])) == sequence)
            #expect(bob.trace.sequence(at: Int(values[1])) == sequence)
            for (capture, packet, amplitude) in [(alice, values[0], values[2]), (bob, values[1], values[3])] {
                let gain = try #require(capture.scaledGains(ofPacket: Int(packet)))[15]
                #expect(abs((gain[0] * gain[0] + gain[1] * gain[1]).squareRoot() - Double(amplitude)) < 1e-4)
            }
            let time = try #require(alice.trace.time(at: Int(values[0])))
            let start = try #require(alice.trace.time(at: Int(table.gains(at: 0).first?.re ?? 0)))
            #expect(abs(time - start - (table.time(at: row) ?? .nan)) < 1e-6)
        }
    }

    @Test func `records of other codes are passed over by their length`() throws {
        let trace = Samples.trace(count: 2, tones: Samples.intelTones)
        let log = try IntelWriter.encode(trace, scale: 1)
        let split = 2 + Int(log[0]) << 8 + Int(log[1])
        let other: [UInt8] = [0, 5, 0xC1, 1, 2, 3, 4]
        let mixed = other + log[..<split] + other + other + log[split...]
        let capture = try CaptureReader.decode(mixed, name: "mixed")
        #expect(capture.format == .intel5300 && capture.packetCount == 2 && capture.skipped == 3)
        #expect(capture.trace.gains == trace.gains)
    }

    @Test func `three chains are put in antenna order, two stay as recorded`() throws {
        var log = try IntelWriter.encode(Samples.trace(count: 1, rx: 3, tones: Samples.intelTones))
        let straight = try CaptureReader.decode(log, name: "a").trace.gains
        log[3 + 15] = 0b00_10_01  // chain 0 feeds antenna 1, chain 1 antenna 2, chain 2 antenna 0
        let permuted = try CaptureReader.decode(log, name: "b").trace.gains
        #expect(permuted == Array(straight[60..<90] + straight[0..<30] + straight[30..<60]))
        log[3 + 15] = 0b01_01_01
        #expect(try CaptureReader.decode(log, name: "c").trace.gains == straight)
    }

    @Test func `clock and counters grow over their wraps and step back for a repeated packet`() throws {
        var trace = ChannelTrace(description: .init(format: "test", quantity: .complexGain))
        let gains = [IQ](repeating: IQ(1, -1), count: 30)
        let times: [Double] = [4294.9, 4295.1, 4295.0, 8500.5]
        for (time, sequence) in zip(times, [65_534, 65_537, 65_537, 65_536] as [UInt64]) {
            trace.append(sequence: sequence, time: time, shape: SnapshotShape(subcarriers: 30), gains: gains)
        }
        let read = try CaptureReader.decode(try IntelWriter.encode(trace), name: "wrap").trace
        #expect((0..<4).map { read.sequence(at: $0) } == [65_534, 65_537, 65_537, 65_536])
        for (index, time) in times.enumerated() { #expect(abs((read.time(at: index) ?? 0) - time) < 2e-6) }
    }

    @Test func `a record without any power has scaled gains of zero`() throws {
        var trace = ChannelTrace(description: .init(format: "test", quantity: .complexGain))
        trace.append(
            sequence: 1, time: 0, shape: SnapshotShape(subcarriers: 30),
            gains: [IQ](repeating: .zero, count: 30))
        let capture = try CaptureReader.decode(try IntelWriter.encode(trace), name: "silent")
        #expect(capture.scaledGains(ofPacket: 0) == [[Double]](repeating: [0, 0], count: 30))
    }

    @Test func `scaled gains of a written log follow the trace to half a decibel`() throws {
        var trace = Samples.trace(count: 40, rx: 3, tx: 2, tones: Samples.intelTones)
        // A fade of 20 dB over the trace.
        var faded = ChannelTrace(description: trace.description)
        for index in 0..<trace.count {
            let factor = Float(index % 2 == 0 ? 1 : 0.1)
            faded.append(
                sequence: UInt64(index + 1), time: Double(index), shape: trace.shape(at: index),
                gains: trace.gains(at: index).map { $0 * factor })
        }
        trace = faded
        let capture = try CaptureReader.decode(try IntelWriter.encode(trace), name: "fade")
        let ratios = (0..<trace.count).map { index -> Float in
            let scaled = capture.scaledTrace().gains(at: index).reduce(0) { $0 + $1.power }
            return scaled / trace.gains(at: index).reduce(0) { $0 + $1.power }
        }
        let spread = (ratios.max() ?? 0) / (ratios.min() ?? 1)
        // 1 dB of rounding, and the quantization term of the tool's formula.
        #expect(spread < 1.5)
    }
}
