// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import Foundation
import QWaveCore
import TestSupport
import Testing

/// Values that other readers found in a recorded capture.
struct Oracle {
    let path: String
    let root: [String: Any]
    var values: [String: Any] { root["values"] as? [String: Any] ?? [:] }

    /// - Parameter path: of the capture, below the captures folder.
    init(_ path: String, suffix: String = ".oracle.json") throws {
        self.path = path
        let data = try Data(contentsOf: PrivateData.capture(path + suffix))
        root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    static func json(_ path: String) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: PrivateData.capture(path)))
                as? [String: Any])
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: PrivateData.capture(path)))
    }

    /// The capture as QWave reads it.
    func capture(_ options: CaptureOptions = CaptureOptions()) throws -> Capture {
        try CaptureReader.decode(Self.bytes(path), name: path, options: options)
    }

    func int(_ key: String) -> Int? { values[key] as? Int }
    func ints(_ key: String) -> [Int] { values[key] as? [Int] ?? [] }

    struct Sample {
        var packet: Int
        var subcarrier: Int
        var column: Int
        var value: (Double, Double)
    }

    func samples(_ key: String) throws -> [Sample] {
        let packets = try #require(values[key] as? [[String: Any]])
        return try packets.flatMap { packet in
            try #require(packet["values"] as? [[String: Any]]).map { entry in
                let pair = try #require(entry["v"] as? [Double])
                return Sample(
                    packet: try #require(packet["packet"] as? Int),
                    subcarrier: try #require(entry["sc"] as? Int),
                    column: try #require(entry["col"] as? Int), value: (pair[0], pair[1]))
            }
        }
    }

    /// Sums over every raw gain of a capture, as in `digest_raw`.
    static func digest(_ gains: [IQ]) -> [Int] {
        var sums = [gains.count, 0, 0, 0]
        for gain in gains {
            sums[1] += Int(gain.re)
            sums[2] += Int(gain.im)
            sums[3] += Int(gain.re) * Int(gain.re) + Int(gain.im) * Int(gain.im)
        }
        return sums
    }

    func expectedDigest() throws -> [Int] {
        let digest = try #require(root["digest_raw"] as? [String: Any])
        return try ["count", "sum_re", "sum_im", "sum_abs2"].map { try #require(digest[$0] as? Int) }
    }
}

/// What a decoder threw, or nil.
func failure(_ body: () throws -> Void) -> QWaveError? {
    do {
        try body()
        return nil
    } catch {
        return error as? QWaveError
    }
}
