// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import QWaveCore
import TestSupport
import Testing

@Suite struct NexmonTests {
    @Test(.enabled(if: PrivateData.hasCaptures), arguments: ["43455c0", "4358"])
    func `recorded frames give the fields, samples and sums that other readers found`(chip: String) throws {
        let oracle = try Oracle("csi/nexmon/example_\(chip).pcap")
        let capture = try oracle.capture()
        #expect(capture.packetCount == oracle.int("packets"))
        guard case .nexmon(let frames, _) = capture.details else {
            Issue.record("no frames")
            return
        }
        let head = frames.prefix(6)
        #expect(head.map { Int($0.core) } == oracle.ints("core_first"))
        #expect(head.map { Int($0.stream) } == oracle.ints("spatial_first"))
        #expect(head.map { Int($0.sequenceControl) } == oracle.ints("seq_first"))
        #expect(head.map { Int($0.channelSpecification) } == oracle.ints("chan_spec_first"))
        #expect(head.map { Int($0.chip) } == oracle.ints("chip_version_first"))
        let times = try #require(oracle.values["pcap_time_first_last"] as? [String]).compactMap { Double($0) }
        #expect([capture.time(ofPacket: 0), capture.time(ofPacket: capture.packetCount - 1)] == times)
        for sample in try oracle.samples("raw_samples") {
            let gain = Array(capture.gains(ofPacket: sample.packet))[sample.subcarrier]
            #expect(Double(gain.re) == sample.value.0 && Double(gain.im) == sample.value.1, "\(sample)")
        }
        let all = (0..<capture.packetCount).flatMap { capture.gains(ofPacket: $0) }
        #expect(Oracle.digest(all) == (try oracle.expectedDigest()))
    }

    @Test(.enabled(if: PrivateData.hasCaptures), arguments: ["43455c0", "4358"])
    func `every value equals the extractor's own reader`(chip: String) throws {
        let reference = try Oracle.json("csi/nexmon/example_\(chip).matlab.json")
        let capture = try Oracle("csi/nexmon/example_\(chip).pcap").capture()
        let packets = try #require(reference["packet_index"] as? [Int])
        let re = try #require(reference["re"] as? [[Double]])
        let im = try #require(reference["im"] as? [[Double]])
        #expect(packets.count == re.count && !packets.isEmpty)
        for (row, packet) in packets.enumerated() {
            let gains = capture.gains(ofPacket: packet)
            #expect(
                gains.map { Double($0.re) } == re[row] && gains.map { Double($0.im) } == im[row], "row \(row)"
            )
        }
    }

    @Test(.enabled(if: PrivateData.hasCaptures))
    func `the frames of two cores and two streams make one snapshot`() throws {
        let capture = try Oracle("csi/nexmon/example_4358.pcap").capture()
        #expect(capture.trace.count == 1)
        #expect(
            capture.trace.shape(at: 0)
                == SnapshotShape(receiveAntennas: 2, transmitAntennas: 2, subcarriers: 256))
        #expect(capture.trace.sequence(at: 0) == 176)
        #expect(capture.trace.description.carrierFrequency == 5.775e9)
        // Recorded as (core, stream) = (0, 0), (0, 1), (1, 0), (1, 1), which is the order of the snapshot.
        #expect((0..<4).flatMap { capture.gains(ofPacket: $0) } == capture.trace.gains)
    }

    @Test(.enabled(if: PrivateData.hasCaptures))
    func `a chip that never counts gives no sequence numbers`() throws {
        let capture = try Oracle("csi/nexmon/example_43455c0.pcap").capture()
        #expect(capture.sequenceSource == nil && capture.trace.sequence(at: 3) == nil)
        #expect(capture.trace.count == 566)
        #expect(capture.trace.description.carrierFrequency == 5.21e9)
    }

    @Test(.enabled(if: PrivateData.hasCaptures))
    func `the layout of the first extractor is refused although port and magic are the same`() throws {
        let error = failure { _ = try Oracle("csi/nexmon/experiment2c_outside.pcap").capture() }
        #expect(error?.code == .badInput)
        #expect(error?.message.contains("1034") == true)
    }

    /// A capture of the given frames, for tests of grouping: (sequence, core, stream).
    private func capture(_ frames: [(Int, Int, Int)]) throws -> Capture {
        var bytes = try NexmonWriter.encode(
            Samples.trace(count: frames.count, tones: Samples.nexmonTones(64)))
        let length = 16 + 42 + 18 + 256
        for (index, frame) in frames.enumerated() {
            let payload = 24 + index * length + 16 + 42
            bytes[payload + 10] = UInt8(frame.0)
            bytes[payload + 12] = UInt8(frame.1 | frame.2 << 3)
        }
        return try CaptureReader.decode(bytes, name: "frames")
    }

    @Test func `frames join only where they fill the grid of cores and streams`() throws {
        // A full 2 x 1 in the other order, an incomplete 2 x 2, a repeated number, and a single frame.
        let capture = try capture([
            (1, 1, 0), (1, 0, 0), (2, 0, 0), (2, 0, 1), (2, 1, 0), (3, 0, 0), (3, 0, 0), (4, 2, 0),
        ])
        let shapes = (0..<capture.trace.count).map { capture.trace.shape(at: $0).receiveAntennas }
        #expect(shapes == [2, 1, 1, 1, 1, 1, 1])
        #expect((0..<capture.trace.count).map { capture.trace.sequence(at: $0) } == [1, 2, 2, 2, 3, 3, 4])
        #expect(capture.packetCount == 8)
        // Packet 0 is core 1: the second half of the snapshot.
        #expect(Array(capture.gains(ofPacket: 0)) == Array(capture.trace.gains(at: 0).suffix(64)))
        #expect(Array(capture.gains(ofPacket: 1)) == Array(capture.trace.gains(at: 0).prefix(64)))
    }

    @Test func `an unknown chip is refused unless it is named`() throws {
        var bytes = try NexmonWriter.encode(Samples.trace(count: 1, tones: Samples.nexmonTones(64)))
        bytes[24 + 16 + 42 + 16] = 0x77
        let error = failure { _ = try CaptureReader.decode(bytes, name: "chip") }
        #expect(error?.code == .badInput && error?.message.contains("0x77") == true)
        let named = try CaptureReader.decode(
            bytes, name: "chip", options: CaptureOptions(nexmonChip: "43455c0"))
        #expect(named.packetCount == 1)
    }

    @Test func `bytes behind the UDP payload don't count, missing ones do`() throws {
        let bytes = try NexmonWriter.encode(Samples.trace(count: 1, tones: Samples.nexmonTones(64)))
        var longer = bytes + [9, 9, 9, 9]
        longer[24 + 8] += 4
        longer[24 + 12] += 4
        #expect(
            try CaptureReader.decode(longer, name: "longer").trace.gains
                == (try CaptureReader.decode(bytes, name: "plain").trace.gains))
        var shorter = Array(bytes.dropLast(4))
        shorter[24 + 8] -= 4
        #expect(failure { _ = try CaptureReader.decode(shorter, name: "shorter") }?.code == .badInput)
    }

    @Test(arguments: [true, false], [true, false])
    func `captures in either byte order and with nanoseconds are read`(swapped: Bool, nano: Bool) throws {
        let trace = Samples.trace(count: 1, tones: Samples.nexmonTones(64))
        var bytes = try NexmonWriter.encode(trace, scale: 1)
        let magic: UInt32 = nano ? 0xA1B2_3C4D : 0xA1B2_C3D4
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: magic >> UInt32(8 * index)) }
        if swapped {
            for start in [0, 20, 24, 28, 32, 36] { bytes[start..<start + 4].reverse() }
        }
        let read = try CaptureReader.decode(bytes, name: "order").trace
        #expect(read.gains == trace.gains && read.time(at: 0) == 100)
    }
}
