// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import QWaveCore
import TestSupport
import Testing

@Suite struct DamageTests {
    @Test func `every truncation is an error or gives fewer packets, and says how many were whole`() throws {
        for (format, bytes) in try Samples.files() {
            let whole = try CaptureReader.decode(bytes, name: "w").packetCount
            for length in 0..<bytes.count {
                let prefix = Array(bytes[..<length])
                let error = failure {
                    let capture = try CaptureReader.decode(
                        prefix, name: "cut", options: CaptureOptions(format: format))
                    // A text may end without its last line end; records may be missing behind a whole one.
                    #expect(capture.packetCount < whole || length + 2 >= bytes.count || format == .table)
                    #expect(capture.packetCount <= whole)
                }
                if let error { #expect(error.code == .badInput && error.message.hasPrefix("cut: ")) }
                // Recognized or not: no trap.
                _ = failure { _ = try CaptureReader.decode(prefix, name: "cut") }
                let lenient = CaptureOptions(allowTruncated: true, format: format)
                if let capture = try? CaptureReader.decode(prefix, name: "cut", options: lenient) {
                    #expect(capture.packetCount <= whole)
                    _ = try capture.summary(packet: capture.packetCount > 0 ? capture.packetCount - 1 : nil)
                }
            }
        }
    }

    @Test(arguments: [CaptureFormat.intel5300, .esp32, .nexmon, .trace])
    func `a file cut inside a packet gives the packets before it when that is allowed`(format: CaptureFormat)
        throws
    {
        let bytes = try #require(Samples.files().first { $0.format == format }).bytes
        let cut = Array(bytes.dropLast(format == .trace ? 1 : 40))
        let error = failure { _ = try CaptureReader.decode(cut, name: "cut") }
        #expect(error?.code == .badInput && error?.message.contains("whole packets") == true)
        let capture = try CaptureReader.decode(
            cut, name: "cut", options: CaptureOptions(allowTruncated: true))
        let whole = try CaptureReader.decode(bytes, name: "whole")
        #expect(capture.truncation != nil && capture.packetCount >= 2)
        for packet in 0..<capture.packetCount {
            #expect(Array(capture.gains(ofPacket: packet)) == Array(whole.gains(ofPacket: packet)))
        }
    }

    @Test func `an unfinished last row of a table can be left out`() throws {
        let text = Array("time_s,a_dbm\n1,-60\n2,-61\n3".utf8)
        #expect(failure { _ = try CaptureReader.decode(text, name: "t") }?.code == .badInput)
        let capture = try CaptureReader.decode(text, name: "t", options: CaptureOptions(allowTruncated: true))
        #expect(capture.trace.count == 2 && capture.truncation != nil)
        let inside = Array("time_s,a_dbm\n1,-60\n2\n3,-62\n".utf8)
        #expect(
            failure {
                _ = try CaptureReader.decode(inside, name: "t", options: CaptureOptions(allowTruncated: true))
            }
                != nil)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `changed bytes never trap and never give gains that are not finite`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for (format, bytes) in try Samples.files() {
            for round in 0..<1500 {
                var damaged = bytes
                for _ in 0...Int.random(in: 0...6, using: &random) {
                    let place = Int.random(in: 0..<damaged.count, using: &random)
                    switch Int.random(in: 0..<5, using: &random) {
                    case 0: damaged[place] = UInt8.random(in: 0...255, using: &random)
                    case 1: damaged[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
                    case 2: damaged.insert(UInt8.random(in: 0...255, using: &random), at: place)
                    case 3: damaged.remove(at: place)
                    default:
                        damaged[place] =
                            [0, 0xFF, 0x7F, 0x80, 10, 34, 44, 45].randomElement(using: &random) ?? 0
                    }
                }
                let options = CaptureOptions(
                    allColumns: true, allowTruncated: round % 2 == 0, format: round % 3 == 0 ? nil : format)
                let error = failure {
                    let capture = try CaptureReader.decode(damaged, name: "d", options: options)
                    let isFinite = capture.trace.gains.allSatisfy { $0.isFinite }
                    #expect(isFinite)
                    _ = try capture.summary(packet: capture.packetCount > 0 ? 0 : nil)
                    _ = capture.scaledTrace()
                }
                if let error { #expect(error.code == .badInput || error.code == .usage, "\(error)") }
            }
        }
    }

    @Test(arguments: CaptureFormat.allCases)
    func `random bytes are refused or read, whatever format is asked for`(format: CaptureFormat) {
        var random = SplitMix64(seed: 99)
        for _ in 0..<2000 {
            let count = Int.random(in: 0...400, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let error = failure {
                let options = CaptureOptions(allColumns: true, format: format)
                _ = try CaptureReader.decode(bytes, name: "r", options: options)
            }
            if let error { #expect(error.code == .badInput || error.code == .usage) }
        }
    }

    /// Files that declare far more than they hold.
    static let hostile: [(CaptureFormat, [UInt8])] = [
        (.intel5300, [0xFF, 0xFF, 0xBB] + [UInt8](repeating: 3, count: 40)),
        (.intel5300, [0, 0, 0xBB, 0, 0]), (.intel5300, [0, 21, 0xBB] + [UInt8](repeating: 255, count: 20)),
        (.intel5300, [0, 21, 0xBB] + [UInt8](repeating: 1, count: 20)), (.intel5300, [0, 1, 0xBB]),
        (
            .nexmon,
            [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0] + [UInt8](repeating: 0, count: 12) + [1, 0, 0, 0]
                + [0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
        ),
        (
            .trace, [0x89, 0x51, 0x57, 0x54, 0x0D, 0x0A, 0x1A, 0x0A, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
        ),
        (
            .trace, [0x89, 0x51, 0x57, 0x54, 0x0D, 0x0A, 0x1A, 0x0A, 2, 0, 0, 0, 0, 0, 0, 0]
        ),
        (.nexmon, [UInt8](repeating: 1, count: 200)), (.esp32, Array("CSI_DATA,[".utf8)),
        (.esp32, Array("type,a,b,data\nCSI_DATA,[1 2]\n".utf8)),
        (.table, Array("\"".utf8)), (.table, Array("a,,,,,\n,,,,,\n".utf8)), (.table, [0xEF, 0xBB, 0xBF]),
        (.table, Array("\r\r\r".utf8)), (.table, Array("#".utf8)),
    ]

    @Test(arguments: hostile.indices)
    func `a hostile file is refused with its name and a place`(index: Int) {
        let (format, bytes) = Self.hostile[index]
        let error = failure {
            _ = try CaptureReader.decode(bytes, name: "hostile", options: CaptureOptions(format: format))
        }
        #expect(error?.code == .badInput)
        #expect(error?.message.hasPrefix("hostile: ") == true, "\(String(describing: error))")
    }

    @Test(.enabled(if: PrivateData.hasCaptures))
    func `a recorded log cut anywhere gives the whole packets before the cut`() throws {
        let bytes = try Oracle.bytes("csi/intel5300/log.all_csi.6.7.6.dat")
        let whole = try CaptureReader.decode(bytes, name: "whole")
        for length in stride(from: 1, to: bytes.count, by: 97) {
            let options = CaptureOptions(allowTruncated: true, format: .intel5300)
            let cut = try CaptureReader.decode(Array(bytes[..<length]), name: "cut", options: options)
            #expect(cut.trace.gains == Array(whole.trace.gains.prefix(cut.trace.gains.count)))
            #expect(cut.packetCount < whole.packetCount)
        }
    }
}

extension DamageTests {
    /// The trace with every checksum made right again, so that damage reaches what stands behind them.
    private func withRightSums(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        func u32(_ offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) } }
        func put(_ range: Range<Int>) {
            var state: UInt32 = .max
            for index in range {
                state ^= UInt32(bytes[index])
                for _ in 0..<8 { state = state & 1 == 1 ? state >> 1 ^ 0xEDB8_8320 : state >> 1 }
            }
            for index in 0..<4 {
                bytes[range.upperBound + index] = UInt8(truncatingIfNeeded: ~state >> UInt32(8 * index))
            }
        }
        guard bytes.count >= 16, u32(12) <= bytes.count - 20 else { return bytes }
        var start = 0
        var length = 16 + u32(12)
        while true {
            put(start..<start + length)
            start += length + 4
            guard bytes.count - start >= 28, u32(start + 4) <= bytes.count - start - 28 else { return bytes }
            length = 24 + u32(start + 4)
        }
    }

    @Test(arguments: [4, 5] as [UInt64])
    func `a trace with right checksums and wrong content never traps`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let bytes = try CaptureWriter.encode(Samples.trace(count: 3, rx: 2, tones: [-1, 1, 2]), as: .trace)
        #expect(withRightSums(bytes) == bytes)
        var refused = 0
        for _ in 0..<3000 {
            var damaged = bytes
            for _ in 0...Int.random(in: 0...2, using: &random) {
                let place = Int.random(in: 8..<damaged.count, using: &random)
                damaged[place] =
                    [0, 1, 2, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)]
                    .randomElement(using: &random) ?? 0
            }
            damaged = withRightSums(damaged)
            let error = failure {
                let trace = try CaptureReader.decode(damaged, name: "d").trace
                let isFinite = trace.gains.allSatisfy { $0.isFinite }
                #expect(isFinite)
            }
            if let error {
                refused += 1
                #expect(error.code == .badInput && error.message.hasPrefix("d: byte "), "\(error)")
            }
        }
        // Both happen: changed gains are another trace, changed structure is refused.
        #expect(refused > 500 && refused < 2900)
    }
}
