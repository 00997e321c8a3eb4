// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// What an ether answers.
enum EtherAnswer {
    case joined(RadioCapabilities)
    case time(DeviceTime)
    case done
    case samples(ReceivedSamples)
    case events([RadioEvent])
    case failed(QWaveError)

    private static let eventLimit = 4096

    var encoded: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .joined(let radio):
            writer.write(0x81 as UInt8)
            writer.writeCounted(Array(radio.name.utf8.prefix(500)))
            writer.write(radio.sampleRate)
            writer.write(radio.carrierFrequency)
            writer.write(radio.leadTime / .seconds(1))
            writer.write(radio.turnaround / .seconds(1))
            writer.write(UInt32(clamping: radio.longestWindow))
            writer.write(radio.amplitude)
        case .time(let time):
            writer.write(0x82 as UInt8)
            writer.write(time)
        case .done: writer.write(0x83 as UInt8)
        case .samples(let received):
            writer.write(0x84 as UInt8)
            writer.write(received.start)
            writer.write(UInt32(clamping: received.clipped))
            writer.write(received.trouble == nil ? 0 : 1 as UInt8)
            if let trouble = received.trouble { writer.write(trouble) }
            writer.write(received.samples)
        case .events(let events):
            writer.write(0x85 as UInt8)
            writer.write(UInt32(min(events.count, Self.eventLimit)))
            for event in events.prefix(Self.eventLimit) { writer.write(event) }
        case .failed(let error):
            writer.write(0xFF as UInt8)
            writer.writeCounted(Array(error.code.name.utf8.prefix(100)))
            writer.writeCounted(Array(error.message.utf8.prefix(1000)))
        }
        return writer.bytes
    }

    init(_ bytes: [UInt8]) throws(QWaveError) {
        var reader = ByteReader(bytes, what: "an ether's answer")
        let type = try reader.read(UInt8.self)
        switch type {
        case 0x81:
            let name = try reader.readText(limit: 500)
            let values = [
                try reader.readDouble(), try reader.readDouble(), try reader.readDouble(),
                try reader.readDouble(),
            ]
            let longest = Int(try reader.read(UInt32.self))
            let amplitude = try reader.readDouble()
            guard (1e3...1e9).contains(values[0]), (0...1e12).contains(values[1]),
                (0...60).contains(values[2]), (0...60).contains(values[3]), (1e-6...1e6).contains(amplitude),
                longest <= EtherRequest.samples
            else { throw QWaveError(.protocolViolation, "the ether's radio says of itself what can't be") }
            self = .joined(
                RadioCapabilities(
                    name: name, sampleRate: values[0], carrierFrequency: values[1],
                    leadTime: .seconds(values[2]), turnaround: .seconds(values[3]), longestWindow: longest,
                    amplitude: amplitude, simulated: true))
        case 0x82: self = .time(try reader.readTime())
        case 0x83: self = .done
        case 0x84:
            let start = try reader.readTime()
            let clipped = Int(try reader.read(UInt32.self))
            let trouble = try reader.read(UInt8.self) == 1 ? try reader.readEvent() : nil
            self = .samples(
                ReceivedSamples(
                    start: start, samples: try reader.readSamples(), trouble: trouble, clipped: clipped))
        case 0x85:
            let count = Int(try reader.read(UInt32.self))
            guard count <= Self.eventLimit else {
                throw QWaveError(.protocolViolation, "the ether tells of \(count) events at once")
            }
            var events: [RadioEvent] = []
            for _ in 0..<count { events.append(try reader.readEvent()) }
            self = .events(events)
        case 0xFF:
            let code = QWaveError.Code(try reader.readText(limit: 100))
            self = .failed(QWaveError(code, try reader.readText(limit: 1000)))
        default: throw QWaveError(.protocolViolation, "an ether has no answer of type \(type)")
        }
        try reader.finish()
    }
}
