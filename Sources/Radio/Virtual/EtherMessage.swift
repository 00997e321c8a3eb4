// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelModels
internal import QWaveCore

/// What a radio in another process asks of an ether, and what it is answered; one answer to each request.
///
/// Big-endian throughout, as the session's messages. Lengths are checked before anything is made of them.
enum EtherRequest {
    case join(SimulatedEnd)
    case now
    case transmit(TransmitBurst)
    case receive(ReceiveWindow)
    case events
    case rest

    static let version: UInt8 = 1
    /// Samples of a burst or window at the most: half a megabyte.
    static let samples = 1 << 16

    var encoded: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .join(let end):
            writer.write(1 as UInt8)
            writer.write(Self.version)
            writer.write(end == .alice ? 0 : end == .bob ? 1 : 2 as UInt8)
        case .now: writer.write(2 as UInt8)
        case .transmit(let burst):
            writer.write(3 as UInt8)
            writer.write(burst.id)
            writer.write(burst.start)
            writer.write(burst.samples)
        case .receive(let window):
            writer.write(4 as UInt8)
            writer.write(window.start == nil ? 0 : 1 as UInt8)
            writer.write(window.start ?? DeviceTime(.zero))
            writer.write(UInt32(clamping: window.count))
        case .events: writer.write(5 as UInt8)
        case .rest: writer.write(6 as UInt8)
        }
        return writer.bytes
    }

    init(_ bytes: [UInt8]) throws(QWaveError) {
        var reader = ByteReader(bytes, what: "an ether's request")
        let type = try reader.read(UInt8.self)
        switch type {
        case 1:
            let version = try reader.read(UInt8.self)
            guard version == Self.version else {
                throw QWaveError(
                    .protocolViolation, "the radio speaks version \(version) of the ether's protocol, not 1")
            }
            let ends: [SimulatedEnd] = [.alice, .bob, .eve]
            let end = Int(try reader.read(UInt8.self))
            guard end < ends.count else {
                throw QWaveError(.protocolViolation, "an ether has no end number \(end)")
            }
            self = .join(ends[end])
        case 2: self = .now
        case 3:
            self = .transmit(
                TransmitBurst(
                    id: try reader.read(), start: try reader.readTime(), samples: try reader.readSamples()))
        case 4:
            let isTimed = try reader.read(UInt8.self) == 1
            let start = try reader.readTime()
            let count = Int(try reader.read(UInt32.self))
            self = .receive(ReceiveWindow(start: isTimed ? start : nil, count: count))
        case 5: self = .events
        case 6: self = .rest
        default: throw QWaveError(.protocolViolation, "an ether knows no request of type \(type)")
        }
        try reader.finish()
    }
}

extension ByteWriter {
    mutating func write(_ time: DeviceTime) {
        let (seconds, attoseconds) = time.sinceZero.components
        write(seconds)
        write(attoseconds)
    }

    mutating func write(_ samples: [IQ]) {
        write(UInt32(samples.count))
        for sample in samples {
            write(sample.re)
            write(sample.im)
        }
    }

    mutating func write(_ event: RadioEvent) {
        writeCounted(Array(event.kind.name.utf8))
        write(event.burst == nil ? 0 : 1 as UInt8)
        write(event.burst ?? 0)
        write(event.time == nil ? 0 : 1 as UInt8)
        write(event.time ?? DeviceTime(.zero))
        writeCounted(Array(event.detail.utf8.prefix(1000)))
    }
}

extension ByteReader {
    mutating func readTime() throws(QWaveError) -> DeviceTime {
        let seconds = try read(Int64.self)
        let attoseconds = try read(Int64.self)
        guard seconds.magnitude < 1 << 50, attoseconds.magnitude < 1_000_000_000_000_000_000 else {
            throw QWaveError(.protocolViolation, "a device's time is out of range")
        }
        return DeviceTime(Duration(secondsComponent: seconds, attosecondsComponent: attoseconds))
    }

    mutating func readSamples() throws(QWaveError) -> [IQ] {
        let count = Int(try read(UInt32.self))
        guard count <= EtherRequest.samples, remaining >= 8 * count else {
            throw QWaveError(
                .protocolViolation, "\(count) samples are announced, and \(remaining) bytes are there")
        }
        var samples: [IQ] = []
        samples.reserveCapacity(count)
        for _ in 0..<count {
            let sample = IQ(try readFloat(), try readFloat())
            guard sample.isFinite else {
                throw QWaveError(.protocolViolation, "a sample isn't a finite number")
            }
            samples.append(sample)
        }
        return samples
    }

    mutating func readText(limit: Int) throws(QWaveError) -> String {
        String(decoding: try readCounted(limit: limit), as: UTF8.self)
    }

    mutating func readEvent() throws(QWaveError) -> RadioEvent {
        let kind = RadioEvent.Kind(try readText(limit: 100))
        let hasBurst = try read(UInt8.self) == 1
        let burst = try read(UInt64.self)
        let hasTime = try read(UInt8.self) == 1
        let time = try readTime()
        let detail = try readText(limit: 1000)
        return RadioEvent(kind, burst: hasBurst ? burst : nil, time: hasTime ? time : nil, detail: detail)
    }
}
