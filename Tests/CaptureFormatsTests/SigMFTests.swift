// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import Foundation
import QWaveCore
import Testing

@Suite struct SigMFTests {
    /// Writes a recording into a folder of its own and removes it afterwards.
    static func with(_ meta: String, data: [UInt8] = [], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let stem = folder.appendingPathComponent("recording").path
        try Data(meta.utf8).write(to: URL(fileURLWithPath: stem + ".sigmf-meta"))
        try Data(data).write(to: URL(fileURLWithPath: stem + ".sigmf-data"))
        try body(stem)
    }

    @Test(arguments: [("ci16_le", IQFormat.sc16), ("cf32_le", .fc32), ("cu8", .cu8)])
    func `samples come back by either name of the recording`(datatype: String, format: IQFormat) throws {
        let offset: Float = format == .cu8 ? 0.5 : 0
        let samples = (0..<50).map { IQ(Float($0) + offset, offset - Float($0)) }
        let meta = """
            {"global": {"core:datatype": "\(datatype)", "core:sample_rate": 20e6, "core:version": "1.0.0"},
             "captures": [{"core:sample_start": 0, "core:frequency": 2.437e9, "core:header_bytes": 5}],
             "annotations": []}
            """
        try Self.with(meta, data: [1, 2, 3, 4, 5] + format.encode(samples)) { stem in
            for ending in ["", ".sigmf-meta", ".sigmf-data"] {
                let recording = try SigMFRecording(path: stem + ending)
                #expect(recording.sampleRate == 20e6 && recording.carrierFrequency == 2.437e9)
                let reader = try IQFileReader(recording)
                #expect(reader.format == format)
                #expect(try reader.next() == samples)
                #expect(try reader.next() == nil)
            }
        }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"global": {}}"#, #"{"global": {"core:datatype": "ci16_be"}}"#,
        #"{"global": {"core:datatype": "rf32_le"}}"#,
        #"{"global": {"core:datatype": "cu8", "core:num_channels": 2}}"#,
        #"{"global": {"core:datatype": "cu8", "core:sample_rate": 0}}"#,
        #"{"global": {"core:datatype": "cu8"}, "captures": [{"core:header_bytes": -1}]}"#,
        #"{"global": {"core:datatype": "cu8"}, "captures": [{"core:header_bytes": 9223372036854775807}]}"#,
        #"{"global": {"core:datatype": "cu8", "core:trailing_bytes": 9223372036854775807}}"#,
        #"{"global": {"core:datatype": "cu8", "core:trailing_bytes": 12}}"#,
        #"{"global": {"core:datatype": "cu8", "core:metadata_only": true}}"#,
        #"{"global": {"core:datatype": "cu8", "core:dataset": "../../etc/passwd"}}"#,
        #"{"global": {"core:datatype": "cu8", "core:dataset": ".."}}"#,
        #"{"global": {"core:datatype": "cu8"}, "captures": [{"core:frequency": 1}, {"core:frequency": 2}]}"#,
    ])
    func `a description that can't be followed is refused with the file's name`(meta: String) throws {
        try Self.with(meta) { stem in
            let error = #expect(throws: QWaveError.self) { try SigMFRecording(path: stem) }
            #expect(error?.code == .badInput)
            #expect(error?.message.contains("recording.sigmf-meta") == true)
        }
    }

    @Test func `a recording that isn't there is unavailable`() {
        let error = #expect(throws: QWaveError.self) { try SigMFRecording(path: "/nonexistent/x") }
        #expect(error?.code == .unavailable)
    }

    @Test func `a trailer isn't taken for samples, and a data file of another name is found`() throws {
        let meta =
            #"{"global": {"core:datatype": "cu8", "core:trailing_bytes": 3, "core:dataset": "iq.raw"}, "#
            + #""captures": [{"core:header_bytes": 2}, {"core:sample_start": 1}]}"#
        try Self.with(meta) { stem in
            let data = URL(fileURLWithPath: stem).deletingLastPathComponent().appendingPathComponent("iq.raw")
            try Data([9, 9, 128, 127, 0, 255, 7, 7, 7]).write(to: data)
            let reader = try IQFileReader(SigMFRecording(path: stem))
            #expect(reader.sampleCount == 2)
            #expect(try reader.next() == [IQ(0.5, -0.5), IQ(-127.5, 127.5)])
            #expect(try reader.next() == nil)
        }
    }
}
