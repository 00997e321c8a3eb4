// SPDX-License-Identifier: GPL-3.0-or-later
internal import CaptureFormats
internal import Foundation
internal import QWaveCore

/// Both ends' recorded signal strengths, where a folder of captures is at hand.
enum RecordedPair {
    /// The recording of that name; nil, with a note that says why, where it isn't there.
    ///
    /// - Parameter limit: pairs at the most, from the beginning.
    static func read(
        _ name: String, limit: Int, _ setting: AttackSetting, into evidence: inout AttackEvidence
    ) throws(QWaveError) -> (alice: ChannelTrace, bob: ChannelTrace)? {
        guard let captures = setting.captures else {
            evidence.note("recorded \(name): skipped, no folder of captures was given")
            return nil
        }
        let path = captures.appendingPathComponent("reciprocal/\(name)/pair.csv").path
        guard FileManager.default.fileExists(atPath: path) else {
            evidence.note("recorded \(name): skipped, \(path) isn't there")
            return nil
        }
        let alice = try CaptureReader.read(path: path, column: "alice_dbm")
        let bob = try CaptureReader.read(path: path, column: "bob_dbm")
        return (
            alice.selecting(0..<min(limit, alice.count)), bob.selecting(0..<min(limit, bob.count))
        )
    }

    /// The same capture with every value changed by its row.
    static func changed(_ trace: ChannelTrace, _ change: (Int, Float) -> Float) -> ChannelTrace {
        var result = ChannelTrace(description: trace.description)
        for row in 0..<trace.count {
            result.append(
                sequence: trace.sequence(at: row), time: trace.time(at: row), shape: trace.shape(at: row),
                gains: trace.gains(at: row).map { IQ(change(row, $0.re), $0.im) })
        }
        return result
    }
}
