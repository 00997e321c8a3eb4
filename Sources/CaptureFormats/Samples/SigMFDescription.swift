// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore

/// What the JSON of a SigMF recording says, as far as samples are read by it.
struct SigMFDescription: Sendable {
    let format: IQFormat
    let sampleRate: Double?
    let carrierFrequency: Double?
    let headerBytes: Int
    let trailingBytes: Int
    /// Name of the data file where it isn't the description's (a "non-conforming dataset").
    let dataset: String?

    /// The most bytes of a description.
    static let longest = 16 << 20
    /// The most bytes of a header or trailer: any more is a mistake, and sums stay far from overflow.
    private static let mostExtra = 1 << 40

    /// - Throws: `.badInput`, with the file's name, for what can't be followed.
    init(bytes: [UInt8], name: String) throws(QWaveError) {
        guard bytes.count <= Self.longest else {
            throw QWaveError(.badInput, "\(name) is \(bytes.count) bytes long, more than \(Self.longest)")
        }
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
                "\(name): samples of core:datatype \(meta.global.datatype.prefix(40)) can't be read; there are "
                    + Self.formats.keys.sorted().joined(separator: ", "))
        }
        guard meta.global.channels ?? 1 == 1 else {
            throw QWaveError(
                .badInput, "\(name): \(meta.global.channels ?? 1) channels in one file; split them first")
        }
        guard meta.global.metadataOnly != true else {
            throw QWaveError(.badInput, "\(name) says that it comes without samples (core:metadata_only)")
        }
        let rate = meta.global.rate
        guard rate.map({ $0 > 0 && $0.isFinite }) != false else {
            throw QWaveError(.badInput, "\(name): core:sample_rate \(rate ?? 0) isn't positive")
        }
        let captures = meta.captures ?? []
        let frequencies = Set(captures.compactMap(\.frequency))
        guard frequencies.count <= 1, frequencies.allSatisfy(\.isFinite),
            captures.dropFirst().allSatisfy({ $0.header ?? 0 == 0 })
        else {
            throw QWaveError(
                .badInput,
                "\(name): \(captures.count) segments that differ in frequency or have headers; cut them apart"
            )
        }
        let header = captures.first?.header ?? 0
        let trailing = meta.global.trailing ?? 0
        for (key, value) in [("core:header_bytes", header), ("core:trailing_bytes", trailing)] {
            guard (0...Self.mostExtra).contains(value) else {
                throw QWaveError(.badInput, "\(name): \(key) \(value) can't be")
            }
        }
        if let dataset = meta.global.dataset {
            guard !dataset.isEmpty, dataset.utf8.count <= 255, dataset != ".", dataset != "..",
                !dataset.contains("/"), !dataset.utf8.contains(0)
            else {
                throw QWaveError(.badInput, "\(name): core:dataset is no name of a file beside it")
            }
        }
        self.format = format
        sampleRate = rate
        carrierFrequency = frequencies.first
        headerBytes = header
        trailingBytes = trailing
        dataset = meta.global.dataset
    }

    /// Datatypes by the names of SigMF.
    static let formats: [String: IQFormat] = [
        "ci16_le": .sc16, "cf32_le": .fc32, "cu8": .cu8,
    ]

    private struct Meta: Decodable {
        struct Global: Decodable {
            var datatype: String
            var rate: Double?
            var channels: Int?
            var metadataOnly: Bool?
            var dataset: String?
            var trailing: Int?
            enum CodingKeys: String, CodingKey {
                case datatype = "core:datatype"
                case rate = "core:sample_rate"
                case channels = "core:num_channels"
                case metadataOnly = "core:metadata_only"
                case dataset = "core:dataset"
                case trailing = "core:trailing_bytes"
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
