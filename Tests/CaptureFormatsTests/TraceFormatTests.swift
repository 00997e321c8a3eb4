// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import Foundation
import QWaveCore
import TestSupport
import Testing

@Suite struct TraceFormatTests {
    static let full = ChannelTrace.Description(
        format: "intel5300", quantity: .complexGain, toneIndices: [-28, 0, 28], subcarrierSpacing: 312_500,
        fftLength: 64, carrierFrequency: 5.18e9, nominalRate: 50, noiseVariance: 1e-3, simulated: true,
        comment: "Büro, 2 m")

    @Test func `every field of the description and of the snapshots comes back`() throws {
        var trace = ChannelTrace(description: Self.full)
        trace.append(
            Snapshot(
                sequence: .max, time: -1.5e-9, shape: SnapshotShape(subcarriers: 1), gains: [IQ(1, -0.1)]))
        trace.append(
            Snapshot(
                shape: SnapshotShape(receiveAntennas: 2), gains: [IQ(3e38, .leastNonzeroMagnitude), .zero]))
        trace.append(
            Snapshot(sequence: 0, shape: SnapshotShape(transmitAntennas: 2), gains: [.zero, IQ(-1, 2)]))
        trace.append(Snapshot(time: 0, shape: SnapshotShape(), gains: [IQ(.pi, 0)]))
        let capture = try CaptureReader.decode(try CaptureWriter.encode(trace, as: .trace), name: "t")
        #expect(capture.format == .trace && capture.trace.description == Self.full)
        #expect(capture.trace.holdsSameSnapshots(as: trace))
    }

    @Test(arguments: [ChannelTrace.Quantity.complexGain, .amplitude, .decibels])
    func `an empty trace and a bare description come back`(quantity: ChannelTrace.Quantity) throws {
        let trace = ChannelTrace(description: .init(format: "", quantity: quantity))
        let read = try CaptureReader.decode(try CaptureWriter.encode(trace, as: .trace), name: "t").trace
        #expect(read.isEmpty && read.description == trace.description)
    }

    /// The layout in `Documentation/trace-format.md`, written out by hand.
    @Test func `the bytes are those of the documentation`() throws {
        var trace = ChannelTrace(
            description: .init(
                format: "f", quantity: .amplitude, toneIndices: [-1], fftLength: 64, comment: "c"))
        trace.append(Snapshot(sequence: 5, shape: SnapshotShape(), gains: [IQ(1, 0)]))
        let bytes = try CaptureWriter.encode(trace, as: .trace)
        var expected: [UInt8] = [0x89, 0x51, 0x57, 0x54, 0x0D, 0x0A, 0x1A, 0x0A, 1, 0, 0, 0, 54, 0, 0, 0]
        expected += [1, 2, 0, 0, 64, 0, 0, 0] + [UInt8](repeating: 0, count: 32)
        expected += [1, 0, 0x66, 1, 0, 0x63, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
        expected += crc(expected[...])
        let chunk = expected.count
        expected +=
            Array("SNAP".utf8) + [20, 0, 0, 0] + [UInt8](repeating: 0, count: 8) + [1, 0, 0, 0, 0, 0, 0, 0]
        expected += [1, 0, 1, 0, 1, 0, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3F]
        expected += crc(expected[chunk...])
        let end = expected.count
        expected += Array("END ".utf8) + [0, 0, 0, 0] + [1] + [UInt8](repeating: 0, count: 15)
        expected += crc(expected[end...])
        #expect(bytes == expected)
    }

    /// Bit by bit, from the definition of the code.
    private func crc(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var state: UInt32 = .max
        for byte in bytes {
            state ^= UInt32(byte)
            for _ in 0..<8 { state = state & 1 == 1 ? state >> 1 ^ 0xEDB8_8320 : state >> 1 }
        }
        return (0..<4).map { UInt8(truncatingIfNeeded: ~state >> UInt32(8 * $0)) }
    }

    @Test(arguments: [1, 7, 64, 4096])
    func `pieces of any size give the same snapshots`(size: Int) throws {
        let trace = Samples.trace(count: 700, rx: 2, tones: Array(1...12))
        let bytes = try CaptureWriter.encode(trace, as: .trace)
        var decoder = TraceDecoder(name: "pieces")
        var read = ChannelTrace(description: trace.description)
        for start in stride(from: 0, to: bytes.count, by: size) {
            decoder.push(bytes[start..<min(bytes.count, start + size)])
            while let snapshot = try decoder.next() { read.append(snapshot) }
        }
        try decoder.finish()
        #expect(read.holdsSameSnapshots(as: trace) && decoder.description == trace.description)
    }

    @Test func `a flushed recording can be read up to where it was stopped`() throws {
        let trace = Samples.trace(count: 5, tones: [1, 2])
        var encoder = try TraceEncoder(trace.description)
        var bytes: [UInt8] = []
        for index in 0..<3 { bytes += try encoder.append(trace[index]) }
        bytes += encoder.flush()
        bytes += try encoder.append(trace[3])
        let error = failure { _ = try CaptureReader.decode(bytes, name: "stopped") }
        #expect(error?.code == .badInput && error?.message.contains("after 3 whole packets") == true)
        let read = try CaptureReader.decode(
            bytes, name: "stopped", options: CaptureOptions(allowTruncated: true))
        #expect(read.trace.count == 3 && read.truncation != nil)
    }

    @Test func `chunks that are missing, repeated or reordered are found`() throws {
        let trace = Samples.trace(count: 3, tones: [1])
        var encoder = try TraceEncoder(trace.description)
        let head = encoder.flush()
        var chunks: [[UInt8]] = []
        for index in 0..<3 { chunks.append(try encoder.append(trace[index]) + encoder.flush()) }
        let end = encoder.finish()
        for order in [[0, 2], [0, 0, 1, 2], [1, 0, 2], [0, 1]] {
            let bytes = head + order.flatMap { chunks[$0] } + end
            #expect(failure { _ = try CaptureReader.decode(bytes, name: "order") }?.code == .badInput)
        }
        let whole = head + chunks.flatMap { $0 } + end
        #expect(try CaptureReader.decode(whole, name: "whole").trace.count == 3)
        #expect(failure { _ = try CaptureReader.decode(whole + [0], name: "more") }?.code == .badInput)
    }

    @Test func `any single changed bit is found`() throws {
        let bytes = try CaptureWriter.encode(Samples.trace(count: 2, tones: [1, 2]), as: .trace)
        for bit in 0..<8 * bytes.count {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            let options = CaptureOptions(format: .trace)
            #expect(
                failure { _ = try CaptureReader.decode(damaged, name: "d", options: options) }?.code
                    == .badInput,
                "bit \(bit)")
        }
    }

    @Test func `what the format has no place for is refused when written`() throws {
        func refused(_ snapshot: Snapshot, _ quantity: ChannelTrace.Quantity = .complexGain) -> Bool {
            failure {
                var encoder = try TraceEncoder(.init(format: "t", quantity: quantity))
                _ = try encoder.append(snapshot)
            }?.code == .usage
        }
        let one = SnapshotShape()
        #expect(refused(Snapshot(shape: one, gains: [IQ(.nan, 0)])))
        #expect(refused(Snapshot(shape: one, gains: [IQ(0, .infinity)])))
        #expect(refused(Snapshot(time: .infinity, shape: one, gains: [.zero])))
        #expect(refused(Snapshot(shape: one, gains: [.zero, .zero])))
        #expect(refused(Snapshot(shape: SnapshotShape(subcarriers: 0), gains: [])))
        #expect(refused(Snapshot(shape: one, gains: [IQ(1, 1)]), .amplitude))
        #expect(
            refused(
                Snapshot(
                    shape: SnapshotShape(subcarriers: 65_536), gains: Array(repeating: .zero, count: 65_536)))
        )
        #expect(!refused(Snapshot(shape: one, gains: [IQ(1, 1)])))
        let long = String(repeating: "x", count: 65_536)
        #expect(failure { _ = try TraceEncoder(.init(format: long, quantity: .decibels)) }?.code == .usage)
        #expect(
            failure { _ = try TraceEncoder(.init(format: "", quantity: .decibels, carrierFrequency: .nan)) }?
                .code
                == .usage)
    }

    @Test func `files are read and written snapshot by snapshot`() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("qwave-\(UUID()).qwt").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let trace = Samples.trace(count: 2000, tones: Array(1...20))
        let writer = try TraceFileWriter(path: path, description: trace.description)
        for index in 0..<trace.count { try writer.append(trace[index]) }
        try writer.finish()
        let reader = try TraceFileReader(path: path)
        var read = ChannelTrace(description: trace.description)
        while let snapshot = try reader.next() { read.append(snapshot) }
        #expect(read.holdsSameSnapshots(as: trace) && reader.description == trace.description)
        #expect(try CaptureReader.read(path: path).holdsSameSnapshots(as: trace))
        #expect(failure { _ = try TraceFileReader(path: path + ".none") }?.code == .unavailable)
        #expect(failure { _ = try CaptureReader.open(path + ".none") }?.code == .unavailable)
    }
}
