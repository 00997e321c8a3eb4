// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import QWaveCore
import TestSupport

/// Traces of whole numbers, so that formats of whole numbers hold them exactly.
enum Samples {
    /// - Parameter limit: the largest part of a gain.
    static func trace(
        count: Int, rx: Int = 1, tx: Int = 1, tones: [Int], limit: Int = 127, seed: UInt64 = 1,
        description: ChannelTrace.Description = .init(format: "test", quantity: .complexGain)
    ) -> ChannelTrace {
        var random = SplitMix64(seed: seed)
        var description = description
        description.toneIndices = tones
        var trace = ChannelTrace(description: description)
        let shape = SnapshotShape(receiveAntennas: rx, transmitAntennas: tx, subcarriers: tones.count)
        for index in 0..<count {
            let gains = (0..<shape.count).map { _ in
                IQ(
                    Float(Int.random(in: -limit...limit, using: &random)),
                    Float(Int.random(in: -limit...limit, using: &random)))
            }
            trace.append(
                sequence: UInt64(index + 7), time: 100 + Double(index) / 64, shape: shape, gains: gains)
        }
        return trace
    }

    static let intelTones = IntelRecord.toneIndices(wide: false)
    static let esp32Tones = ESP32Record.toneIndices
    static func nexmonTones(_ size: Int) -> [Int] { Array(0..<size / 2) + Array(-size / 2..<0) }

    /// A real-valued trace.
    static func real(count: Int, antennas: Int, quantity: ChannelTrace.Quantity, seed: UInt64 = 2)
        -> ChannelTrace
    {
        var random = SplitMix64(seed: seed)
        var trace = ChannelTrace(description: .init(format: "test", quantity: quantity))
        for index in 0..<count {
            let gains = (0..<antennas).map { _ in IQ(Float.random(in: -90...(-20), using: &random), 0) }
            trace.append(
                sequence: UInt64(index), time: 1.46e9 + Double(index) * 0.123_456,
                shape: SnapshotShape(receiveAntennas: antennas), gains: gains)
        }
        return trace
    }

    /// A small file of each format.
    static func files() throws -> [(format: CaptureFormat, bytes: [UInt8])] {
        [
            (
                .intel5300,
                try CaptureWriter.encode(trace(count: 3, rx: 2, tx: 1, tones: intelTones), as: .intel5300)
            ),
            (.esp32, try CaptureWriter.encode(trace(count: 3, tones: esp32Tones), as: .esp32)),
            (.nexmon, try CaptureWriter.encode(trace(count: 2, rx: 2, tones: nexmonTones(64)), as: .nexmon)),
            (.table, try CaptureWriter.encode(real(count: 5, antennas: 1, quantity: .decibels), as: .table)),
            (.trace, try CaptureWriter.encode(trace(count: 3, rx: 2, tones: [-1, 1, 2]), as: .trace)),
        ]
    }
}

extension ChannelTrace {
    /// Equal snapshots: sequence, time, shape and gains.
    func holdsSameSnapshots(as other: ChannelTrace, timeTolerance: Double = 0) -> Bool {
        guard count == other.count else { return false }
        return (0..<count).allSatisfy { index in
            let a = self[index]
            let b = other[index]
            let timesMatch =
                a.time == b.time || abs((a.time ?? .infinity) - (b.time ?? -.infinity)) <= timeTolerance
            return a.sequence == b.sequence && a.shape == b.shape && a.gains == b.gains && timesMatch
        }
    }
}
