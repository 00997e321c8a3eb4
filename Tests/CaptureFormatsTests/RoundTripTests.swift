// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import QWaveCore
import TestSupport
import Testing

@Suite struct RoundTripTests {
    private let exact = CaptureWriter.Options(scale: 1)

    @Test(arguments: [(1, 1), (2, 1), (1, 2), (3, 3), (3, 2)], [true, false])
    func `an Intel log holds a trace of its tones`(antennas: (Int, Int), wide: Bool) throws {
        let trace = Samples.trace(
            count: 9, rx: antennas.0, tx: antennas.1, tones: IntelRecord.toneIndices(wide: wide))
        let read = try CaptureReader.decode(
            try CaptureWriter.encode(trace, as: .intel5300, options: exact), name: "t"
        ).trace
        #expect(read.holdsSameSnapshots(as: trace, timeTolerance: 1e-6))
        #expect(read.description.toneIndices == trace.description.toneIndices)
    }

    @Test func `ESP32 lines hold a trace of their tones`() throws {
        let trace = Samples.trace(count: 9, tones: Samples.esp32Tones)
        let read = try CaptureReader.decode(
            try CaptureWriter.encode(trace, as: .esp32, options: exact), name: "t"
        ).trace
        #expect(read.holdsSameSnapshots(as: trace, timeTolerance: 1e-6))
        #expect(read.description.toneIndices == trace.description.toneIndices)
    }

    @Test(arguments: [(1, 1), (2, 1), (1, 2), (4, 4), (8, 8)], [64, 128, 256, 512])
    func `a Nexmon capture holds a trace of its tones`(antennas: (Int, Int), size: Int) throws {
        let trace = Samples.trace(
            count: 3, rx: antennas.0, tx: antennas.1, tones: Samples.nexmonTones(size), limit: 32_767)
        let read = try CaptureReader.decode(
            try CaptureWriter.encode(trace, as: .nexmon, options: exact), name: "t"
        ).trace
        #expect(read.holdsSameSnapshots(as: trace, timeTolerance: 1e-6))
        #expect(read.description.toneIndices == trace.description.toneIndices)
    }

    @Test(arguments: [1, 2, 5], [ChannelTrace.Quantity.amplitude, .decibels])
    func `a table holds a trace of real values to the last bit`(
        antennas: Int, quantity: ChannelTrace.Quantity
    ) throws {
        let trace = Samples.real(count: 50, antennas: antennas, quantity: quantity)
        let bytes = try CaptureWriter.encode(trace, as: .table)
        let read = try CaptureReader.decode(bytes, name: "t", options: CaptureOptions(allColumns: true)).trace
        #expect(read.holdsSameSnapshots(as: trace) && read.description.quantity == quantity)
    }

    @Test(arguments: [(1, 1, 1), (2, 3, 5), (1, 1, 996), (8, 8, 64)])
    func `a QWave trace holds anything`(shape: (Int, Int, Int)) throws {
        let trace = Samples.trace(
            count: 20, rx: shape.0, tx: shape.1, tones: Array(0..<shape.2), limit: 1 << 24)
        let read = try CaptureReader.decode(try CaptureWriter.encode(trace, as: .trace), name: "t").trace
        #expect(read.holdsSameSnapshots(as: trace) && read.description == trace.description)
    }

    @Test(arguments: [CaptureFormat.intel5300, .esp32, .nexmon])
    func `one scale for the whole trace keeps amplitudes comparable`(format: CaptureFormat) throws {
        let tones =
            format == .intel5300
            ? Samples.intelTones : format == .esp32 ? Samples.esp32Tones : Samples.nexmonTones(64)
        let whole = Samples.trace(count: 30, tones: tones, limit: 1000)
        var trace = ChannelTrace(description: whole.description)
        for index in 0..<whole.count {
            trace.append(
                sequence: UInt64(index), time: Double(index), shape: whole.shape(at: index),
                gains: whole.gains(at: index).map { $0 * (1e-6 * Float(index + 1)) })
        }
        let read = try CaptureReader.decode(try CaptureWriter.encode(trace, as: format), name: "t").trace
        let largest = trace.gains.map { max(abs($0.re), abs($0.im)) }.max() ?? 1
        let scale: Float = (format == .nexmon ? 32_767 : 127) / largest
        #expect(zip(read.gains, trace.gains).allSatisfy { abs($0.re - $1.re * scale) <= 0.501 })
        #expect(zip(read.gains, trace.gains).allSatisfy { abs($0.im - $1.im * scale) <= 0.501 })
    }

    @Test func `tones that a trace lacks are zero, tones without a place are refused`() throws {
        let legacy = Array(-26...(-1)) + Array(1...26)
        let trace = Samples.trace(count: 2, tones: legacy)
        for format in [CaptureFormat.esp32, .nexmon] {
            let read = try CaptureReader.decode(
                try CaptureWriter.encode(trace, as: format, options: exact), name: "t"
            ).trace
            let tones = read.description.toneIndices
            let gains = read.gains(at: 1)
            for (tone, gain) in zip(tones, gains) {
                let expected = legacy.firstIndex(of: tone).map { trace[1].gains[$0] } ?? .zero
                #expect(gain == expected, "tone \(tone)")
            }
        }
        #expect(failure { _ = try CaptureWriter.encode(trace, as: .intel5300) }?.code == .usage)
        let mixed = Samples.trace(count: 1, tones: Array(-28...(-1)) + Array(1...28))
        let intel = try CaptureReader.decode(
            try CaptureWriter.encode(mixed, as: .intel5300, options: exact), name: "t"
        ).trace
        #expect(intel.gains[0] == mixed.gains[0] && intel.gains[29] == mixed.gains[55])
        #expect(
            failure { _ = try CaptureWriter.encode(Samples.trace(count: 1, tones: [40]), as: .esp32) }?.code
                == .usage)
        #expect(
            failure { _ = try CaptureWriter.encode(Samples.trace(count: 1, tones: [300]), as: .nexmon) }?.code
                == .usage)
    }

    @Test(arguments: [CaptureFormat.intel5300, .esp32, .nexmon])
    func `what a format can't hold is refused when written`(format: CaptureFormat) {
        let real = Samples.real(count: 1, antennas: 1, quantity: .decibels)
        #expect(failure { _ = try CaptureWriter.encode(real, as: format) }?.code == .usage)
        let many = Samples.trace(count: 1, rx: 9, tones: Samples.intelTones)
        #expect(failure { _ = try CaptureWriter.encode(many, as: format) }?.code == .usage)
        var infinite = ChannelTrace(description: .init(format: "t", quantity: .complexGain))
        let tones = format == .intel5300 ? 30 : 64
        infinite.append(
            sequence: 0, time: 0, shape: SnapshotShape(subcarriers: tones),
            gains: [IQ](repeating: IQ(.infinity, 0), count: tones))
        #expect(failure { _ = try CaptureWriter.encode(infinite, as: format) }?.code == .usage)
        #expect(failure { _ = try CaptureWriter.encode(infinite, as: .trace) }?.code == .usage)
    }

    @Test func `a table of complex gains holds the received power in decibels`() throws {
        var trace = ChannelTrace(description: .init(format: "t", quantity: .complexGain))
        let shape = SnapshotShape(receiveAntennas: 2, subcarriers: 2)
        trace.append(sequence: 3, time: 1, shape: shape, gains: [IQ(10, 0), IQ(0, 10), IQ(1, 1), IQ(0, 0)])
        trace.append(sequence: 4, time: 2, shape: shape, gains: [IQ(0, 0), IQ(0, 0), IQ(1, 0), IQ(1, 0)])
        let bytes = try CaptureWriter.encode(trace, as: .table)
        let read = try CaptureReader.decode(
            bytes, name: "t", options: CaptureOptions(column: "rx0_db,rx1_db")
        ).trace
        #expect(read.gains.map(\.re) == [20, 0, -300, 0] && read.description.quantity == .decibels)
        #expect(read.sequence(at: 1) == 4 && read.time(at: 1) == 2)
    }
}
