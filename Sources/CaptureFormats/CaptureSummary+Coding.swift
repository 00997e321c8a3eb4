// SPDX-License-Identifier: GPL-3.0-or-later

extension CaptureSummary {
    enum CodingKeys: String, CodingKey {
        case format, packets, snapshots, receiveAntennas, transmitAntennas, subcarriers, shapeVaries, shapes
        case firstTime, lastTime, firstSequence, lastSequence, sequenceSource, quantity, carrierFrequency
        case subcarrierSpacing, simulated, comment, columns, skipped, truncation
        case packet
    }

    /// Writes `null` for what is not known, so that a script finds every member, and puts the members of the
    /// packet beside those of the file.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(format, forKey: .format)
        try container.encode(packets, forKey: .packets)
        try container.encode(snapshots, forKey: .snapshots)
        try container.encode(receiveAntennas, forKey: .receiveAntennas)
        try container.encode(transmitAntennas, forKey: .transmitAntennas)
        try container.encode(subcarriers, forKey: .subcarriers)
        try container.encode(shapeVaries, forKey: .shapeVaries)
        try container.encode(shapes, forKey: .shapes)
        try container.encode(firstTime, forKey: .firstTime)
        try container.encode(lastTime, forKey: .lastTime)
        try container.encode(firstSequence, forKey: .firstSequence)
        try container.encode(lastSequence, forKey: .lastSequence)
        try container.encode(sequenceSource, forKey: .sequenceSource)
        try container.encode(quantity, forKey: .quantity)
        try container.encode(carrierFrequency, forKey: .carrierFrequency)
        try container.encode(subcarrierSpacing, forKey: .subcarrierSpacing)
        try container.encode(simulated, forKey: .simulated)
        try container.encode(comment, forKey: .comment)
        try container.encode(columns, forKey: .columns)
        try container.encode(skipped, forKey: .skipped)
        try container.encode(truncation, forKey: .truncation)
        try packet?.encode(to: encoder)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            format: try container.decode(String.self, forKey: .format),
            packets: try container.decode(Int.self, forKey: .packets),
            snapshots: try container.decode(Int.self, forKey: .snapshots),
            receiveAntennas: try container.decode(Int.self, forKey: .receiveAntennas),
            transmitAntennas: try container.decode(Int.self, forKey: .transmitAntennas),
            subcarriers: try container.decode(Int.self, forKey: .subcarriers),
            shapeVaries: try container.decode(Bool.self, forKey: .shapeVaries),
            shapes: try container.decode([Shape].self, forKey: .shapes),
            firstTime: try container.decodeIfPresent(Double.self, forKey: .firstTime),
            lastTime: try container.decodeIfPresent(Double.self, forKey: .lastTime),
            firstSequence: try container.decodeIfPresent(UInt64.self, forKey: .firstSequence),
            lastSequence: try container.decodeIfPresent(UInt64.self, forKey: .lastSequence),
            sequenceSource: try container.decodeIfPresent(String.self, forKey: .sequenceSource),
            quantity: try container.decode(String.self, forKey: .quantity),
            carrierFrequency: try container.decodeIfPresent(Double.self, forKey: .carrierFrequency),
            subcarrierSpacing: try container.decodeIfPresent(Double.self, forKey: .subcarrierSpacing),
            simulated: try container.decode(Bool.self, forKey: .simulated),
            comment: try container.decode(String.self, forKey: .comment),
            columns: try container.decode([String].self, forKey: .columns),
            skipped: try container.decode(Int.self, forKey: .skipped),
            truncation: try container.decodeIfPresent(String.self, forKey: .truncation),
            packet: container.contains(.packet) ? try PacketSummary(from: decoder) : nil)
    }
}

extension PacketSummary {
    /// Writes `null` for a time or sequence number that was not recorded; leaves out a scale that isn't defined.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(packet, forKey: .packet)
        try container.encode(time, forKey: .time)
        try container.encode(sequence, forKey: .sequence)
        try container.encode(shape, forKey: .shape)
        try container.encode(gains, forKey: .gains)
        try container.encodeIfPresent(scaledGains, forKey: .scaledGains)
        try container.encode(fields, forKey: .fields)
    }

    enum CodingKeys: String, CodingKey { case packet, time, sequence, shape, gains, scaledGains, fields }
}
