// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore

/// A SigMF recording (sigmf.org, version 1): a `.sigmf-meta` file of JSON beside a `.sigmf-data` file of samples.
public struct SigMFRecording: Sendable, Hashable {
    public var dataPath: String
    public var format: IQFormat
    /// Samples per second, where it is told.
    public var sampleRate: Double?
    /// Center frequency of the first capture segment in Hz, where it is told.
    public var carrierFrequency: Double?
    /// Bytes in front of the samples.
    public var headerBytes: Int

    /// Reads the description of a recording named by either of its files, or by their common name.
    ///
    /// - Throws: `.unavailable` when a file isn't there; `.badInput` for a description that is no SigMF, or of
    ///   samples that aren't read here: several channels, real samples, other widths, big-endian, several
    ///   segments of other frequencies.
    public init(path: String) throws(QWaveError) {
        var stem = path
        for ending in [".sigmf-meta", ".sigmf-data", ".sigmf"] where stem.hasSuffix(ending) {
            stem.removeLast(ending.count)
            break
        }
        let bytes = try FileBytes.read(stem + ".sigmf-meta")
        guard bytes.count <= Self.longest else {
            throw QWaveError(
                .badInput, "\(stem).sigmf-meta is \(bytes.count) bytes long, more than \(Self.longest)")
        }
        try self.init(description: bytes, name: stem + ".sigmf-meta", dataPath: stem + ".sigmf-data")
    }

    /// The most bytes of a description.
    static let longest = 16 << 20

    init(description bytes: [UInt8], name: String, dataPath: String) throws(QWaveError) {
        let meta: Meta
        do {
            meta = try JSONDecoder().decode(Meta.self, from: Data(bytes))
        } catch {
            throw QWaveError(
                .badInput, "\(name) is no SigMF description: it needs global with core:datatype", cause: error
            )
        }
        guard let format = Self.formats[meta.global.datatype] else {
            throw QWaveError(
                .badInput,
                "\(name): samples of core:datatype \(meta.global.datatype) can't be read; there are "
                    + Self.formats.keys.sorted().joined(separator: ", "))
        }
        guard meta.global.channels ?? 1 == 1 else {
            throw QWaveError(
                .badInput, "\(name): \(meta.global.channels ?? 1) channels in one file; split them first")
        }
        let rate = meta.global.rate
        guard rate.map({ $0 > 0 && $0.isFinite }) != false else {
            throw QWaveError(.badInput, "\(name): core:sample_rate \(rate ?? 0) isn't positive")
        }
        let captures = meta.captures ?? []
        let frequencies = Set(captures.compactMap(\.frequency))
        guard frequencies.count <= 1, captures.dropFirst().allSatisfy({ $0.header ?? 0 == 0 }) else {
            throw QWaveError(
                .badInput,
                "\(name): \(captures.count) segments that differ in frequency or have headers; cut them apart"
            )
        }
        let header = captures.first?.header ?? 0
        guard header >= 0 else {
            throw QWaveError(.badInput, "\(name): core:header_bytes \(header) is negative")
        }
        self.dataPath = dataPath
        self.format = format
        sampleRate = rate
        carrierFrequency = frequencies.first
        headerBytes = header
    }

    /// Datatypes by the names of SigMF.
    static let formats: [String: IQFormat] = ["ci16_le": .sc16, "cf32_le": .fc32, "cu8": .cu8]

    private struct Meta: Decodable {
        struct Global: Decodable {
            var datatype: String
            var rate: Double?
            var channels: Int?
            enum CodingKeys: String, CodingKey {
                case datatype = "core:datatype"
                case rate = "core:sample_rate"
                case channels = "core:num_channels"
            }
        }
        struct Capture: Decodable {
            var frequency: Double?
            var header: Int?
            enum CodingKeys: String, CodingKey {
                case frequency = "core:frequency"
                case header = "core:header_bytes"
            }
        }
        var global: Global
        var captures: [Capture]?
    }
}

extension IQFileReader {
    /// Reads the samples of a SigMF recording.
    public convenience init(_ recording: SigMFRecording) throws(QWaveError) {
        try self.init(
            path: recording.dataPath, format: recording.format, skipping: recording.headerBytes)
    }
}
