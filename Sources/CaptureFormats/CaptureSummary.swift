// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// What is in a capture: the object that `qwave inspect --json` prints.
///
/// Optional members of the file part are `null` where nothing is known; the members of the packet part stand
/// there only when a packet was asked for.
public struct CaptureSummary: Sendable, Codable {
    /// A shape and how many snapshots have it.
    public struct Shape: Sendable, Codable, Hashable {
        public var receiveAntennas: Int
        public var transmitAntennas: Int
        public var subcarriers: Int
        public var snapshots: Int
    }

    public var format: String
    public var packets: Int
    /// Snapshots of the trace: fewer than packets where several packets make one.
    public var snapshots: Int
    /// The largest count of the snapshots.
    public var receiveAntennas: Int
    public var transmitAntennas: Int
    public var subcarriers: Int
    /// True when the counts change inside the file; ``shapes`` lists them.
    public var shapeVaries: Bool
    /// The shapes of the snapshots, most frequent first.
    public var shapes: [Shape]
    /// Time of the first and of the last packet in seconds on the recorder's clock.
    public var firstTime: Double?
    public var lastTime: Double?
    public var firstSequence: UInt64?
    public var lastSequence: UInt64?
    public var sequenceSource: String?
    /// `complexGain`, `amplitude` or `decibels`.
    public var quantity: String
    /// Hz.
    public var carrierFrequency: Double?
    /// Hz.
    public var subcarrierSpacing: Double?
    public var simulated: Bool
    public var comment: String
    /// The value columns of a table.
    public var columns: [String]
    /// Records or lines without gains.
    public var skipped: Int
    public var truncation: String?

    public var packet: PacketSummary?
}

/// The part of ``CaptureSummary`` about one packet; in JSON its members stand beside those of the file.
public struct PacketSummary: Sendable, Codable {
    /// Zero-based.
    public var packet: Int
    public var time: Double?
    public var sequence: UInt64?
    /// Receive antennas, transmit antennas, subcarriers of this packet.
    public var shape: [Int]
    /// [[re, im], …] in (receive antenna, transmit antenna, subcarrier) order, as recorded, unscaled.
    public var gains: [[Double]]
    /// The same in the scale that the format defines; left out where it defines none.
    public var scaledGains: [[Double]]?
    public var fields: [String: CaptureField]
}

extension Capture {
    /// What is in the capture.
    ///
    /// - Parameter packet: zero-based, adds the packet's gains.
    /// - Throws: `.usage` when there is no such packet.
    public func summary(packet: Int? = nil) throws(QWaveError) -> CaptureSummary {
        var histogram: [SnapshotShape: Int] = [:]
        var largest = SnapshotShape(receiveAntennas: 0, transmitAntennas: 0, subcarriers: 0)
        for index in 0..<trace.count {
            let shape = trace.shape(at: index)
            histogram[shape, default: 0] += 1
            largest.receiveAntennas = max(largest.receiveAntennas, shape.receiveAntennas)
            largest.transmitAntennas = max(largest.transmitAntennas, shape.transmitAntennas)
            largest.subcarriers = max(largest.subcarriers, shape.subcarriers)
        }
        let shapes = histogram.map {
            CaptureSummary.Shape(
                receiveAntennas: $0.receiveAntennas, transmitAntennas: $0.transmitAntennas,
                subcarriers: $0.subcarriers, snapshots: $1)
        }.sorted {
            ($1.snapshots, $0.receiveAntennas, $0.transmitAntennas, $0.subcarriers)
                < ($0.snapshots, $1.receiveAntennas, $1.transmitAntennas, $1.subcarriers)
        }
        let last = packetCount - 1
        return CaptureSummary(
            format: format.rawValue, packets: packetCount, snapshots: trace.count,
            receiveAntennas: largest.receiveAntennas, transmitAntennas: largest.transmitAntennas,
            subcarriers: largest.subcarriers, shapeVaries: shapes.count > 1, shapes: shapes,
            firstTime: last < 0 ? nil : time(ofPacket: 0), lastTime: last < 0 ? nil : time(ofPacket: last),
            firstSequence: last < 0 ? nil : trace.sequence(at: 0),
            lastSequence: last < 0 ? nil : trace.sequence(at: trace.count - 1),
            sequenceSource: sequenceSource, quantity: trace.description.quantity.rawValue,
            carrierFrequency: trace.description.carrierFrequency,
            subcarrierSpacing: trace.description.subcarrierSpacing, simulated: trace.description.simulated,
            comment: trace.description.comment, columns: columns, skipped: skipped, truncation: truncation,
            packet: try packet.map { (index) throws(QWaveError) in try packetSummary(index) })
    }

    private func packetSummary(_ index: Int) throws(QWaveError) -> PacketSummary {
        guard index >= 0, index < packetCount else {
            throw QWaveError(
                .usage,
                packetCount == 0
                    ? "there is no packet \(index): the capture is empty"
                    : "there is no packet \(index): the capture has packets 0 to \(packetCount - 1)")
        }
        let place = place(ofPacket: index)
        return PacketSummary(
            packet: index, time: time(ofPacket: index), sequence: trace.sequence(at: place.snapshot),
            shape: [place.shape.receiveAntennas, place.shape.transmitAntennas, place.shape.subcarriers],
            gains: gains(ofPacket: index).map { [Double($0.re), Double($0.im)] },
            scaledGains: scaledGains(ofPacket: index), fields: fields(ofPacket: index))
    }
}
