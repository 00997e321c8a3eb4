// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Writer of Nexmon CSI captures in the layout of the bcm43455c0 (16-bit integers), one frame an antenna pair.
public enum NexmonWriter {
    private static let chip: UInt16 = 0x0065
    private static let address: [UInt8] = [0x02, 0, 0, 0, 0, 0]

    /// The capture of a trace of up to 8 x 8 antennas with the tones of a transform of 64, 128, 256 or 512
    /// points; tones that the trace doesn't have are zero.
    ///
    /// The sequence goes into the sequence control field, its low 16 bits.
    /// - Parameter scale: see ``CaptureWriter/Options/scale``.
    public static func encode(_ trace: ChannelTrace, scale: Double? = nil) throws(QWaveError) -> [UInt8] {
        let known = trace.description.toneIndices
        let needed =
            known.isEmpty
            ? (trace.isEmpty ? 64 : trace.shape(at: 0).subcarriers)
            : 2 * max(-(known.min() ?? 0), (known.max() ?? 0) + 1)
        guard let size = NexmonFrame.sizes.first(where: { known.isEmpty ? $0 == needed : $0 >= needed })
        else {
            throw QWaveError(
                .usage, "a Nexmon frame holds 64, 128, 256 or 512 subcarriers; the trace needs \(needed)")
        }
        let grid = try IntegerGrid(
            trace, format: .nexmon, tones: Array(0..<size / 2) + Array(-size / 2..<0), fullScale: 32_767,
            scale: scale, allowsGaps: true)
        var out = LittleEndianBytes()
        out.write(UInt32(0xA1B2_C3D4))
        out.write(UInt16(2))
        out.write(UInt16(4))
        out.write(UInt64(0))
        out.write(UInt32(PcapHeader.longestRecord))
        out.write(PcapHeader.ethernet)
        for index in 0..<trace.count {
            let shape = trace.shape(at: index)
            guard (1...8).contains(shape.receiveAntennas), (1...8).contains(shape.transmitAntennas) else {
                throw QWaveError(
                    .usage,
                    "snapshot \(index) has \(shape.receiveAntennas) x \(shape.transmitAntennas) antennas; "
                        + "a Nexmon capture has up to 8 x 8")
            }
            for pair in 0..<shape.receiveAntennas * shape.transmitAntennas {
                let numbers = grid.numbers(trace.gains(at: index), pair: pair, subcarriers: shape.subcarriers)
                let place = UInt16(pair / shape.transmitAntennas | (pair % shape.transmitAntennas) << 3)
                frame(trace, index, place: place, numbers, into: &out)
            }
        }
        return out.bytes
    }

    private static func frame(
        _ trace: ChannelTrace, _ index: Int, place: UInt16, _ numbers: [(re: Int, im: Int)],
        into out: inout LittleEndianBytes
    ) {
        let payload = NexmonFrame.headerBytes + 4 * numbers.count
        let micros = microseconds(trace, index)
        let length = 14 + 20 + 8 + payload
        out.write(UInt32(truncatingIfNeeded: micros / 1_000_000))
        out.write(UInt32(micros % 1_000_000))
        out.write(UInt32(length))
        out.write(UInt32(length))
        out.write([255, 255, 255, 255, 255, 255] + Array("NEXMON".utf8) + [0x08, 0x00])
        out.write(ipHeader(length: 28 + payload))
        out.write(NexmonFrame.port.byteSwapped)
        out.write(NexmonFrame.port.byteSwapped)
        out.write(UInt16(8 + payload).byteSwapped)
        out.write(UInt16(0))
        out.write(NexmonFrame.magic)
        out.write(Int8(-50))
        out.write(UInt8(0x88))
        out.write(address)
        out.write(UInt16(truncatingIfNeeded: trace.sequence(at: index) ?? 0))
        out.write(place)
        out.write(channelSpecification(trace, size: numbers.count))
        out.write(chip)
        for number in numbers {
            out.write(Int16(number.re))
            out.write(Int16(number.im))
        }
    }

    /// 10.10.10.10 to the broadcast address, as the extractor writes it, with a right checksum.
    private static func ipHeader(length: Int) -> [UInt8] {
        var header: [UInt8] = [
            0x45, 0, UInt8(length >> 8), UInt8(length & 0xFF), 0, 1, 0, 0, 1, 17, 0, 0, 10, 10, 10, 10, 255,
            255,
            255, 255,
        ]
        var sum = 0
        for index in stride(from: 0, to: 20, by: 2) {
            sum += Int(header[index]) << 8 | Int(header[index + 1])
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        header[10] = UInt8(~sum >> 8 & 0xFF)
        header[11] = UInt8(~sum & 0xFF)
        return header
    }

    /// Channel, bandwidth and band as in Broadcom's `d11ac` channel specification.
    private static func channelSpecification(_ trace: ChannelTrace, size: Int) -> UInt16 {
        let channel = WiFiChannel.number(trace.description.carrierFrequency) ?? 36
        let width: UInt16 =
            switch size {
            case 64: 0x1000
            case 128: 0x1800
            case 256: 0x2000
            default: 0x2800
            }
        return UInt16(channel) | width | (channel > 14 ? 0xC000 : 0)
    }
}
