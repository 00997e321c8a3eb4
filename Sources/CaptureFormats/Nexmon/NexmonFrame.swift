// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// What one Nexmon CSI frame says besides its gains.
///
/// UDP payload, little-endian: 0x1111, signal strength, first byte of frame control, source address (6),
/// sequence control (2), core and stream (2), channel specification (2), chip number (2), then 4 bytes a
/// subcarrier (nexmon_csi, `src/csi_extractor.c`, `struct csi_udp_frame`).
public struct NexmonFrame: Sendable, Hashable {
    /// Capture time in seconds.
    public var time: Double
    /// Signal strength in dBm; the first versions of the extractor write 0x11 there.
    public var rssi: Int8
    public var frameControl: UInt8
    /// Sender of the frame whose channel was measured.
    public var address: UInt64
    /// Sequence control of that frame, fragment bits included.
    public var sequenceControl: UInt16
    /// Receive chain.
    public var core: UInt8
    /// Spatial stream.
    public var stream: UInt8
    public var channelSpecification: UInt16
    public var chip: UInt16

    static let headerBytes = 18
    static let magic: UInt16 = 0x1111
    static let port: UInt16 = 5500
    /// Subcarriers of 20, 40, 80 and 160 MHz.
    static let sizes = [64, 128, 256, 512]

    init(_ source: ByteSource, at start: Int, time: Double) {
        self.time = time
        rssi = source.signedByte(start + 2)
        frameControl = source.byte(start + 3)
        address = (0..<6).reduce(0) { $0 << 8 | UInt64(source.byte(start + 4 + $1)) }
        sequenceControl = source.u16(start + 10)
        // Some access points write this field in the other byte order; a legal value fits in six bits.
        let recorded = source.u16(start + 12)
        let place = recorded > 63 ? recorded.byteSwapped : recorded
        core = UInt8(place & 7)
        stream = UInt8(place >> 3 & 7)
        channelSpecification = source.u16(start + 14)
        chip = source.u16(start + 16)
    }

    init(
        time: Double, rssi: Int8, frameControl: UInt8, address: UInt64, sequenceControl: UInt16, core: UInt8,
        stream: UInt8, channelSpecification: UInt16, chip: UInt16
    ) {
        self.time = time
        self.rssi = rssi
        self.frameControl = frameControl
        self.address = address
        self.sequenceControl = sequenceControl
        self.core = core
        self.stream = stream
        self.channelSpecification = channelSpecification
        self.chip = chip
    }

    /// Channel number in the low byte, band in the two highest bits.
    var carrierFrequency: Double? {
        WiFiChannel.frequency(
            Int(channelSpecification & 0xFF), fiveGigahertz: channelSpecification & 0xC000 == 0xC000)
    }

    var addressText: String {
        (0..<6).map { index in
            let byte = String(address >> UInt64(8 * (5 - index)) & 0xFF, radix: 16)
            return byte.count == 1 ? "0" + byte : byte
        }.joined(separator: ":")
    }

    var fields: [String: CaptureField] {
        [
            "rssi": .integer(Int(rssi)), "frameControl": .integer(Int(frameControl)),
            "address": .text(addressText), "sequenceControl": .integer(Int(sequenceControl)),
            "core": .integer(Int(core)), "stream": .integer(Int(stream)),
            "channelSpecification": .integer(Int(channelSpecification)), "chip": .integer(Int(chip)),
        ]
    }

    /// The chips' ways to write a gain into 4 bytes.
    enum Packing: Hashable {
        /// Two 16-bit integers, real part first.
        case int16
        /// Two mantissas with sign and one exponent.
        case float(mantissaBits: Int, exponentBits: Int)

        /// By the chip number in the frames. Numbers as seen in captures: the extractor for the 4358 left
        /// 0xDEAD in place at first.
        init?(chip: UInt16) {
            switch chip {
            case 0x0065, 0x0001: self = .int16
            case 0x0003, 0xDEAD: self = .float(mantissaBits: 9, exponentBits: 5)
            case 0x006A, 0xE834: self = .float(mantissaBits: 12, exponentBits: 6)
            default: return nil
            }
        }

        /// By the chip's name.
        init?(name: String) {
            switch name.lowercased() {
            case "43455c0", "4339": self = .int16
            case "4358": self = .float(mantissaBits: 9, exponentBits: 5)
            case "4366c0": self = .float(mantissaBits: 12, exponentBits: 6)
            default: return nil
            }
        }
    }
}
