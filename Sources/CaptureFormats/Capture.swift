// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// A capture in memory: the trace, and what its format says of each packet.
///
/// A packet is what was recorded at once. It is a snapshot of the trace, except in Nexmon captures, where the
/// frames of several cores and streams that belong to one probe make one snapshot.
public struct Capture: Sendable {
    /// What a format records of its packets besides gains.
    public enum Details: Sendable {
        case none
        case intel([IntelRecord], scales: [Double])
        case esp32([ESP32Record])
        case nexmon([NexmonFrame], places: [PacketPlace])
    }

    /// Where the gains of a packet lie in the trace.
    public struct PacketPlace: Sendable, Hashable {
        /// Index of the snapshot.
        public var snapshot: Int
        /// Index of the packet's first gain in the snapshot.
        public var offset: Int
        public var shape: SnapshotShape
    }

    public let format: CaptureFormat
    public internal(set) var trace: ChannelTrace
    public internal(set) var details: Details = .none
    /// The value columns of a table, in the order of the file; those in the trace are ``chosenColumns``.
    public internal(set) var columns: [String] = []
    public internal(set) var chosenColumns: [String] = []
    /// Which field of the format the sequence numbers come from; nil where there are none.
    public internal(set) var sequenceSource: String?
    /// Records, frames or lines that hold no gains and were passed over.
    public internal(set) var skipped = 0
    /// What was cut off, for a file that ends inside a packet and was read all the same.
    public internal(set) var truncation: String?

    init(format: CaptureFormat, description: ChannelTrace.Description) {
        self.format = format
        trace = ChannelTrace(description: description)
    }

    /// How many packets were recorded.
    public var packetCount: Int {
        if case .nexmon(let frames, _) = details { frames.count } else { trace.count }
    }

    /// Where packet `index` lies in the trace.
    ///
    /// - Precondition: `index` is below ``packetCount``.
    public func place(ofPacket index: Int) -> PacketPlace {
        if case .nexmon(_, let places) = details { return places[index] }
        return PacketPlace(snapshot: index, offset: 0, shape: trace.shape(at: index))
    }

    /// The gains of a packet exactly as recorded, in (receive antenna, transmit antenna, subcarrier) order.
    public func gains(ofPacket index: Int) -> ArraySlice<IQ> {
        let place = place(ofPacket: index)
        let all = trace.gains(at: place.snapshot)
        let start = all.startIndex + place.offset
        return all[start..<start + place.shape.count]
    }

    /// When a packet was received, in seconds.
    public func time(ofPacket index: Int) -> Double? {
        if case .nexmon(let frames, _) = details { return frames[index].time }
        return trace.time(at: index)
    }

    /// The gains of a packet in the scale that its format defines, [re, im] each; nil where it defines none.
    public func scaledGains(ofPacket index: Int) -> [[Double]]? {
        guard case .intel(_, let scales) = details else { return nil }
        let scale = scales[index]
        return gains(ofPacket: index).map { [Double($0.re) * scale, Double($0.im) * scale] }
    }

    /// The trace with every gain in the scale that the format defines; the trace itself where it defines none.
    ///
    /// A card with automatic gain control records gains relative to a gain that changes from packet to
    /// packet; the scale takes that out again, with the resolution of the reported signal strength (1 dB).
    public func scaledTrace() -> ChannelTrace {
        guard case .intel(_, let scales) = details else { return trace }
        var scaled = ChannelTrace(description: trace.description)
        scaled.reserveCapacity(snapshots: trace.count, gains: trace.gains.count)
        for index in 0..<trace.count {
            let scale = scales[index]
            scaled.append(
                sequence: trace.sequence(at: index), time: trace.time(at: index),
                shape: trace.shape(at: index),
                gains: trace.gains(at: index).map {
                    IQ(Float(Double($0.re) * scale), Float(Double($0.im) * scale))
                })
        }
        return scaled
    }

    /// Further fields of a packet by name, as recorded.
    public func fields(ofPacket index: Int) -> [String: CaptureField] {
        switch details {
        case .none: [:]
        case .intel(let records, _): records[index].fields
        case .esp32(let records): records[index].fields
        case .nexmon(let frames, _): frames[index].fields
        }
    }
}

/// A recorded field of a packet; in JSON a bare number, list or string.
public enum CaptureField: Sendable, Hashable, Codable {
    case integer(Int)
    case integers([Int])
    case text(String)

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .integer(let value): try container.encode(value)
        case .integers(let values): try container.encode(values)
        case .text(let text): try container.encode(text)
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let values = try? container.decode([Int].self) {
            self = .integers(values)
        } else {
            self = .text(try container.decode(String.self))
        }
    }
}

extension IntelRecord {
    var fields: [String: CaptureField] {
        [
            "timestampLow": .integer(Int(timestampLow)), "count": .integer(Int(count)),
            "pairingNumber": .integer(Int(pairingNumber)),
            "rssi": .integers([Int(rssi.a), Int(rssi.b), Int(rssi.c)]), "noise": .integer(Int(noise)),
            "agc": .integer(Int(agc)), "permutation": .integers(permutation), "rate": .integer(Int(rate)),
        ]
    }
}
