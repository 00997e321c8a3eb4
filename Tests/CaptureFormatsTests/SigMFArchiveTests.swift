// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import CaptureFormats

@Suite struct SigMFArchiveTests {
    /// One entry of a tar archive, by the layout of IEEE 1003.1-2017.
    static func entry(_ name: String, _ content: [UInt8], type: Character = "0") -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ offset: Int) {
            header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        func octal(_ value: Int, _ digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        put(name, 0)
        put(octal(0o644, 7), 100)
        put(octal(content.count, 11), 124)
        put(octal(0, 11), 136)
        put("        ", 148)
        put(String(type), 156)
        put("ustar\u{0}00", 257)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", 148)
        return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    static let end = [UInt8](repeating: 0, count: 1024)
    static let meta = Array(
        #"{"global": {"core:datatype": "cu8", "core:sample_rate": 1920000}, "captures": [{"core:sample_start": 0, "core:frequency": 1860000000, "core:header_bytes": 4}]}"#
            .utf8)
    static let data: [UInt8] = (0..<700).map { UInt8($0 * 7 % 256) }

    static var whole: [UInt8] {
        entry("r/r.sigmf-meta", meta) + entry("r/r.sigmf-data", data) + end
    }

    /// The samples of an archive of these bytes.
    static func read(_ bytes: [UInt8]) throws -> (recording: SigMFRecording, samples: [IQ]) {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).sigmf")
        try Data(bytes).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let recording = try SigMFRecording(path: path.path)
        let reader = try IQFileReader(recording)
        var samples: [IQ] = []
        while let next = try reader.next(count: 100) { samples += next }
        #expect(reader.sampleCount == samples.count)
        return (recording, samples)
    }

    @Test(arguments: [0, 1, 2, 3])
    func `samples are read where they lie in an archive`(layout: Int) throws {
        let long = Array("r/r.sigmf-data\u{0}".utf8)
        let bytes =
            switch layout {
            case 0: Self.whole
            // The samples first, something else between, a folder, no end.
            case 1:
                Self.entry("r/", [], type: "5") + Self.entry("r/r.sigmf-data", Self.data)
                    + Self.entry("r/notes", [1, 2, 3]) + Self.entry("r/r.sigmf-meta", Self.meta)
            case 2:
                Self.entry("r/r.sigmf-meta", Self.meta)
                    + Self.entry("x", Self.pax("r/r.sigmf-data"), type: "x")
                    + Self.entry("cut", Self.data) + Self.end
            default:
                Self.entry("r/r.sigmf-meta", Self.meta) + Self.entry("././@LongLink", long, type: "L")
                    + Self.entry("cut", Self.data) + Self.end
            }
        let (recording, samples) = try Self.read(bytes)
        #expect(recording.format == .cu8 && recording.sampleRate == 1.92e6)
        #expect(recording.carrierFrequency == 1.86e9 && recording.length == 696)
        #expect(
            samples
                == (2..<350).map {
                    IQ(Float(Self.data[2 * $0]) - 127.5, Float(Self.data[2 * $0 + 1]) - 127.5)
                })
    }

    /// A pax record of a path, which counts its own length.
    static func pax(_ path: String) -> [UInt8] {
        let rest = " path=\(path)\n"
        var length = rest.utf8.count + 2
        if String(length).utf8.count + rest.utf8.count != length { length += 1 }
        return Array("\(length)\(rest)".utf8)
    }

    @Test func `an archive of none or of several recordings, or without their samples, is refused`() {
        let meta = Self.entry("a.sigmf-meta", Self.meta)
        for bytes in [
            [], Self.end, Self.entry("b.sigmf-data", Self.data), meta + Self.end,
            meta + Self.entry("b.sigmf-data", Self.data), meta + meta + Self.entry("a.sigmf-data", Self.data),
            meta + Self.entry("a.sigmf-data", [1, 2, 3]), [UInt8](repeating: 65, count: 2000),
            Self.entry("a.sigmf-meta", Array("{}".utf8)) + Self.entry("a.sigmf-data", Self.data),
        ] {
            let error = #expect(throws: QWaveError.self) { try Self.read(bytes) }
            #expect(error?.code == .badInput, "\(String(describing: error))")
        }
        let error = #expect(throws: QWaveError.self) { try SigMFRecording(path: "/nonexistent/a.sigmf") }
        #expect(error?.code == .unavailable)
    }

    @Test func `an archive cut anywhere is refused or gives its samples`() throws {
        let whole = Self.whole
        for length in stride(from: 0, to: whole.count, by: 127) {
            let error = failure {
                let samples = try Self.read(Array(whole[..<length])).samples
                #expect(samples.count == 348)
            }
            if let error { #expect(error.code == .badInput, "\(error)") }
        }
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `damaged archives and descriptions never trap`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var refused = 0
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).sigmf")
        defer { try? FileManager.default.removeItem(at: path) }
        for _ in 0..<300 {
            var headers = [Self.entry("r/r.sigmf-meta", Self.meta), Self.entry("r/r.sigmf-data", Self.data)]
            for _ in 0...Int.random(in: 0...3, using: &random) {
                let which = Int.random(in: 0...1, using: &random)
                // Numbers, names and the description itself.
                let place = Int.random(in: 0..<(which == 0 ? 700 : 512), using: &random)
                headers[which][place] =
                    [0, 0x20, 0x30, 0x37, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)]
                    .randomElement(using: &random) ?? 0
                if Bool.random(using: &random) {
                    // A right checksum, so that damage reaches what stands behind it.
                    headers[which].replaceSubrange(148..<156, with: "        ".utf8)
                    let sum = headers[which][..<512].reduce(0) { $0 + Int($1) }
                    let text = String(sum, radix: 8)
                    headers[which].replaceSubrange(
                        148..<156,
                        with: (String(repeating: "0", count: 6 - text.count) + text + "\u{0} ").utf8)
                }
            }
            try Data(headers[0] + headers[1] + Self.end).write(to: path)
            let error = failure {
                let reader = try IQFileReader(SigMFRecording(path: path.path))
                while try reader.next() != nil {}
            }
            if let error {
                refused += 1
                #expect(error.code == .badInput || error.code == .unavailable, "\(error)")
            }
        }
        #expect(refused > 20 && refused < 300)
    }

    @Test(arguments: [3] as [UInt64])
    func `damaged descriptions never trap`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<3000 {
            var meta = Self.meta
            for _ in 0...Int.random(in: 0...4, using: &random) {
                let place = Int.random(in: 0..<meta.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: meta[place] = UInt8.random(in: 0...255, using: &random)
                case 1: meta.insert(UInt8(ascii: "9"), at: place)
                default: meta.remove(at: place)
                }
            }
            let error = failure { _ = try SigMFDescription(bytes: meta, name: "m") }
            if let error { #expect(error.code == .badInput && error.message.hasPrefix("m"), "\(error)") }
        }
    }
}
