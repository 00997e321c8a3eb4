// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore

/// A SigMF recording (sigmf.org, version 1): a `.sigmf-meta` file of JSON beside a `.sigmf-data` file of samples,
/// or both in an archive, `.sigmf`, which is a tar file.
public struct SigMFRecording: Sendable, Hashable {
    /// The file that holds the samples.
    public var dataPath: String
    public var format: IQFormat
    /// Samples per second, where it is told.
    public var sampleRate: Double?
    /// Center frequency in Hz, where it is told.
    public var carrierFrequency: Double?
    /// Bytes in front of the samples in that file.
    public var headerBytes: Int
    /// Bytes of samples, where the file holds something behind them.
    public var length: Int?

    /// Reads the description of a recording named by either of its files, by their common name, or by an archive.
    ///
    /// - Throws: `.unavailable` when a file isn't there; `.badInput` for a description that is no SigMF, or of
    ///   samples that aren't read here: several channels, real samples, other widths, big-endian, several
    ///   segments of other frequencies or with headers between them, several recordings in one archive.
    public init(path: String) throws(QWaveError) {
        if path.hasSuffix(".sigmf"), !SigMFArchive.hasFile(path + "-meta") {
            self = try SigMFArchive.recording(path)
            return
        }
        var stem = path
        for ending in [".sigmf-meta", ".sigmf-data", ".sigmf"] where stem.hasSuffix(ending) {
            stem.removeLast(ending.count)
            break
        }
        let name = stem + ".sigmf-meta"
        let description = try SigMFDescription(bytes: try FileBytes.read(name), name: name)
        var dataPath = stem + ".sigmf-data"
        if let dataset = description.dataset {
            dataPath =
                URL(fileURLWithPath: name).deletingLastPathComponent().appendingPathComponent(dataset).path
        }
        var length: Int?
        if description.trailingBytes > 0 {
            let size = try FileBytes.size(dataPath)
            length = size - description.headerBytes - description.trailingBytes
        }
        try self.init(description, dataPath: dataPath, offset: 0, length: length, name: name)
    }

    /// - Parameters:
    ///   - offset: of the data in its file.
    ///   - length: bytes of samples; nil for all to the file's end.
    init(
        _ description: SigMFDescription, dataPath: String, offset: Int, length: Int?, name: String
    ) throws(QWaveError) {
        guard length ?? 0 >= 0 else {
            throw QWaveError(.badInput, "\(name): headers and trailers are longer than the data")
        }
        self.dataPath = dataPath
        format = description.format
        sampleRate = description.sampleRate
        carrierFrequency = description.carrierFrequency
        headerBytes = offset + description.headerBytes
        self.length = length
    }
}

extension IQFileReader {
    /// Reads the samples of a SigMF recording.
    public convenience init(_ recording: SigMFRecording) throws(QWaveError) {
        try self.init(
            path: recording.dataPath, format: recording.format, skipping: recording.headerBytes,
            length: recording.length)
    }
}
