// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Reader of pcap files with the UDP frames of Nexmon's CSI extractor (port 5500).
///
/// A packet is one frame: one receive core, one spatial stream. Frames of one probe that follow each other
/// (equal sequence control and sender, another core or stream each) make one snapshot of shape (cores,
/// streams, subcarriers) where they fill that grid; otherwise each stays a snapshot of its own. The number
/// of subcarriers comes from the UDP length, not from the captured length, which may hold trailing bytes.
/// Subcarriers are in the order of the chip's transform: tone 0 first, negative tones in the second half.
public enum NexmonDecoder {
    /// - Throws: `.badInput` with the byte offset for a damaged or foreign file, one of the extractor's older
    ///   layout, an unknown chip, or a file that ends inside a frame.
    public static func decode(
        _ bytes: [UInt8], name: String, options: CaptureOptions = CaptureOptions()
    ) throws(QWaveError) -> Capture {
        let source = ByteSource(bytes, name: name)
        let header = try PcapHeader(source)
        var capture = Capture(format: .nexmon, description: .init(format: "nexmon", quantity: .complexGain))
        var forced: NexmonFrame.Packing?
        if let chip = options.nexmonChip {
            guard let packing = NexmonFrame.Packing(name: chip) else {
                throw QWaveError(
                    .usage, "Nexmon chip \(chip) is unknown; choose 43455c0, 4339, 4358 or 4366c0")
            }
            forced = packing
        }
        var frames: [NexmonFrame] = []
        var gains: [Range<Int>] = []
        var packings: [NexmonFrame.Packing] = []
        var offset = PcapHeader.length
        while offset < bytes.count {
            guard let record = try header.record(source, at: offset) else {
                capture.truncation = try Truncation(
                    source: source, place: "byte \(offset)", what: "a frame", packets: frames.count
                ).resolve(options)
                break
            }
            offset = record.start + record.count
            guard let payload = try udpPayload(source, record) else {
                capture.skipped += 1
                continue
            }
            let frame = NexmonFrame(source, at: payload.lowerBound, time: record.time)
            guard let packing = forced ?? NexmonFrame.Packing(chip: frame.chip) else {
                throw source.error(
                    at: payload.lowerBound + 16,
                    "chip number 0x\(String(frame.chip, radix: 16)) is unknown, and the chips differ in how they "
                        + "write gains; name the chip (43455c0, 4339, 4358 or 4366c0)")
            }
            frames.append(frame)
            packings.append(packing)
            gains.append(payload.lowerBound + NexmonFrame.headerBytes..<payload.upperBound)
        }
        guard !frames.isEmpty || capture.truncation != nil else {
            throw source.error(
                at: PcapHeader.length,
                "no Nexmon CSI frame (UDP port 5500, 0x1111) among \(capture.skipped) captured frames")
        }
        assemble(source, frames, gains, packings, into: &capture)
        describe(frames, gains, in: &capture)
        return capture
    }

    /// The payload of an Ethernet, IPv4, UDP frame for the extractor's port; nil for any other frame.
    private static func udpPayload(
        _ source: ByteSource, _ record: PcapHeader.Record
    ) throws(QWaveError) -> Range<Int>? {
        let start = record.start
        guard record.count >= 14 + 20 + 8, source.bigU16(start + 12) == 0x0800,
            source.byte(start + 14) >> 4 == 4,
            source.byte(start + 23) == 17
        else { return nil }
        let udp = start + 14 + 4 * Int(source.byte(start + 14) & 0x0F)
        guard udp + 8 <= start + record.count, source.bigU16(udp + 2) == NexmonFrame.port,
            source.u16(udp + 8) == NexmonFrame.magic
        else { return nil }
        let length = Int(source.bigU16(udp + 4)) - 8
        guard length >= 0, udp + 8 + length <= start + record.count else {
            throw source.error(
                at: udp + 4,
                "a UDP length of \(length + 8) bytes in a frame of which \(start + record.count - udp) were captured; "
                    + "capture whole frames (`tcpdump -s 0`)")
        }
        guard length >= NexmonFrame.headerBytes,
            NexmonFrame.sizes.contains(where: { NexmonFrame.headerBytes + 4 * $0 == length })
        else {
            throw source.error(
                at: udp + 4,
                "a CSI frame of \(length) bytes, which is not 18 + 4 x 64, 128, 256 or 512. Extractors of 2018 and "
                    + "before wrote another layout (1034 bytes) behind the same port and magic; it is not read"
            )
        }
        return udp + 8..<udp + 8 + length
    }

    /// Joins the frames of a probe and appends the snapshots.
    private static func assemble(
        _ source: ByteSource, _ frames: [NexmonFrame], _ gains: [Range<Int>],
        _ packings: [NexmonFrame.Packing], into capture: inout Capture
    ) {
        // Some chips never fill the field in; numbers that are all zero would pair any probe with any other.
        let hasSequence = frames.contains { $0.sequenceControl != 0 }
        if hasSequence { capture.sequenceSource = "sequence control" }
        var counter = CounterUnwrapper.sequence
        var places = [Capture.PacketPlace](
            repeating: .init(snapshot: 0, offset: 0, shape: SnapshotShape()), count: frames.count)
        var unpacked: [IQ] = []
        var first = 0
        while first < frames.count {
            var end = first + 1
            while end < frames.count, belongs(end, to: first..<end, frames, gains) { end += 1 }
            let group = NexmonGrid(frames[first..<end])
            let tones = gains[first].count / 4
            let sequence = hasSequence ? counter.next(Int64(frames[first].sequenceControl)) : nil
            for members in group.snapshots {
                let shape = SnapshotShape(
                    receiveAntennas: members.cores, transmitAntennas: members.streams, subcarriers: tones)
                var joined: [IQ] = []
                joined.reserveCapacity(shape.count)
                for index in members.frames {
                    places[index] = .init(
                        snapshot: capture.trace.count, offset: joined.count,
                        shape: SnapshotShape(subcarriers: tones))
                    packings[index].unpack(source, at: gains[index].lowerBound, count: tones, into: &unpacked)
                    joined.append(contentsOf: unpacked)
                }
                capture.trace.append(
                    sequence: sequence, time: frames[members.frames[0]].time, shape: shape, gains: joined)
            }
            first = end
        }
        capture.details = .nexmon(frames, places: places)
    }

    private static func belongs(
        _ index: Int, to group: Range<Int>, _ frames: [NexmonFrame], _ gains: [Range<Int>]
    ) -> Bool {
        let frame = frames[index]
        let head = frames[group.lowerBound]
        return frame.sequenceControl == head.sequenceControl && frame.address == head.address
            && frame.channelSpecification == head.channelSpecification
            && gains[index].count == gains[group.lowerBound].count
            && !frames[group].contains { $0.core == frame.core && $0.stream == frame.stream }
    }

    private static func describe(_ frames: [NexmonFrame], _ gains: [Range<Int>], in capture: inout Capture) {
        capture.trace.description.subcarrierSpacing = 312_500
        guard let head = frames.first, let bytes = gains.first?.count else { return }
        if gains.allSatisfy({ $0.count == bytes }) {
            let size = bytes / 4
            capture.trace.description.fftLength = size
            capture.trace.description.toneIndices = Array(0..<size / 2) + Array(-size / 2..<0)
        }
        if frames.allSatisfy({ $0.channelSpecification == head.channelSpecification }) {
            capture.trace.description.carrierFrequency = head.carrierFrequency
        }
    }
}

/// The frames of one probe as a grid of cores and streams.
private struct NexmonGrid {
    struct Members {
        var cores: Int
        var streams: Int
        /// Indices of the frames, the stream running fastest.
        var frames: [Int]
    }

    /// One snapshot where the grid is full, else one a frame, so that no gain is lost or made up.
    let snapshots: [Members]

    init(_ frames: ArraySlice<NexmonFrame>) {
        let cores = Set(frames.map(\.core)).count
        let streams = Set(frames.map(\.stream)).count
        if cores * streams == frames.count {
            let order = frames.indices.sorted {
                (frames[$0].core, frames[$0].stream) < (frames[$1].core, frames[$1].stream)
            }
            snapshots = [Members(cores: cores, streams: streams, frames: order)]
        } else {
            snapshots = frames.indices.map { Members(cores: 1, streams: 1, frames: [$0]) }
        }
    }
}
