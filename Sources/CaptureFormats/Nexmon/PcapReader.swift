// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The 24-byte header of a pcap file (IETF draft-ietf-opsawg-pcap).
struct PcapHeader {
    static let length = 24
    static let recordHeaderLength = 16
    /// The largest record that any capture program writes (tcpdump's and Wireshark's limit).
    static let longestRecord = 262_144
    static let ethernet: UInt32 = 1

    let bigEndian: Bool
    /// Fractions of a second: 10⁶ or 10⁹ in one.
    let ticks: Double
    let linkType: UInt32

    static func matchesMagic(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 4 else { return false }
        let magic = ByteSource(bytes, name: "").u32(0)
        return [0xA1B2_C3D4, 0xA1B2_3C4D].contains(magic)
            || [0xA1B2_C3D4, 0xA1B2_3C4D].contains(magic.byteSwapped)
    }

    init(_ source: ByteSource) throws(QWaveError) {
        guard source.count >= Self.length else {
            throw source.error(at: 0, "the file ends inside the header of a pcap file (24 bytes)")
        }
        guard Self.matchesMagic(source.bytes) else { throw source.error(at: 0, "this is no pcap file") }
        let magic = source.u32(0)
        bigEndian = magic != 0xA1B2_C3D4 && magic != 0xA1B2_3C4D
        ticks = (bigEndian ? magic.byteSwapped : magic) == 0xA1B2_3C4D ? 1e9 : 1e6
        linkType = (bigEndian ? source.u32(20).byteSwapped : source.u32(20)) & 0x0FFF_FFFF
        guard linkType == Self.ethernet else {
            throw source.error(
                at: 20, "link type \(linkType); Nexmon frames are captured as Ethernet (link type 1)")
        }
    }

    /// One captured frame.
    struct Record {
        /// Where the frame's first byte stands in the file.
        let start: Int
        let count: Int
        let time: Double
    }

    /// The record at `offset`; nil when the file ends inside it.
    func record(_ source: ByteSource, at offset: Int) throws(QWaveError) -> Record? {
        guard source.count - offset >= Self.recordHeaderLength else { return nil }
        func field(_ index: Int) -> UInt32 {
            let value = source.u32(offset + 4 * index)
            return bigEndian ? value.byteSwapped : value
        }
        let count = Int(field(2))
        guard count <= Self.longestRecord else {
            throw source.error(
                at: offset + 8, "a frame of \(count) bytes; no capture program writes one so long")
        }
        guard Double(field(1)) < ticks else {
            throw source.error(at: offset + 4, "\(field(1)) fractions of a second are more than one second")
        }
        let start = offset + Self.recordHeaderLength
        guard source.count - start >= count else { return nil }
        return Record(start: start, count: count, time: Double(field(0)) + Double(field(1)) / ticks)
    }
}
