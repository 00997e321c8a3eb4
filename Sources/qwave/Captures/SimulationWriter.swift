// SPDX-License-Identifier: GPL-3.0-or-later
internal import CaptureFormats
internal import ChannelModels
internal import Foundation
internal import QWaveCore

/// Puts the captures of a simulated run into a folder.
struct SimulationWriter {
    let parameters: SimulationParameters
    let format: SimulatedFormat
    let folder: String
    /// Whether files of an earlier run may be replaced.
    let replaces: Bool

    struct Outcome: CommandResult {
        var folder: String
        var format: SimulatedFormat
        var model: String
        /// Whose capture is in which files.
        var files: [String: [String]]
        var probes: [String: Int]
        var seed: UInt64
        var attacks: [String]
        var ceilings: CeilingsReport
        var simulated = true

        var text: String {
            let names = ["alice", "bob", "eve", "truth"].flatMap { files[$0] ?? [] }.joined(separator: ", ")
            let counts = ["alice", "bob", "eve"].map { "\($0) \(probes[$0] ?? 0)" }.joined(separator: ", ")
            return """
                Simulated \(model), seed \(seed)\(attacks.isEmpty ? "" : ", attacked by \(attacks.joined(separator: " "))").
                Probes: \(counts).
                \(ceilings.text)
                In \(folder): \(names).
                """
        }
    }

    /// Simulates and writes all ends; files that were written are removed again when a later one fails.
    func write(seed: UInt64) throws -> Outcome {
        let simulator = try TwoSidedSimulator(parameters)
        var outcome = Outcome(
            folder: folder, format: format, model: parameters.model.name, files: [:], probes: [:], seed: seed,
            attacks: parameters.fixtures.map(\.description), ceilings: CeilingsReport(simulator.ceilings))
        // Looked for before the work; every other name is looked for before it is written.
        try claim("truth.json")
        try prepareFolder()
        var written: [String] = []
        let progress = Progress("simulating")
        defer { progress.finish() }
        do {
            for (place, end) in [SimulatedEnd.alice, .bob, .eve].enumerated() {
                let trace = try simulate(simulator, end) { progress.update((Double(place) + $0) / 3) }
                outcome.probes[end.rawValue] = trace.count
                for (suffix, part) in format.files(of: trace) {
                    let name = "\(end.rawValue)\(suffix).\(format.format.fileExtension)"
                    try claim(name)
                    try CaptureWriter.write(part, to: path(name), as: format.format)
                    written.append(name)
                    outcome.files[end.rawValue, default: []].append(name)
                }
            }
            let truth = try JSON.line(simulator.groundTruth)
            try Files.write(Array(truth.utf8), to: path("truth.json"))
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: path("truth.json"))
            outcome.files["truth"] = ["truth.json"]
        } catch {
            for name in written { try? FileManager.default.removeItem(atPath: path(name)) }
            throw error
        }
        return outcome
    }

    private func simulate(
        _ simulator: TwoSidedSimulator, _ end: SimulatedEnd, progress: (Double) -> Void
    ) throws -> ChannelTrace {
        var trace = ChannelTrace(description: simulator.description(end))
        let total = max(1, parameters.probes ?? 1)
        for snapshot in simulator.stream(end) {
            if trace.count % 256 == 0 {
                try Task.checkCancellation()
                progress(Double(trace.count) / Double(total))
            }
            trace.append(snapshot)
        }
        return trace
    }

    private func path(_ name: String) -> String { folder + "/" + name }

    private func prepareFolder() throws(QWaveError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw QWaveError(
                .storage, "the folder \(folder) can't be made; check its name and permissions", cause: error)
        }
    }

    /// Throws where a file of that name exists and may not be replaced.
    private func claim(_ name: String) throws(QWaveError) {
        guard replaces || !FileManager.default.fileExists(atPath: path(name)) else {
            throw QWaveError(
                .usage, "\(path(name)) exists already; choose another folder, or replace it with --force")
        }
    }
}

/// What the channel of a run holds at the most, whoever makes a key of it.
struct CeilingsReport: Encodable {
    /// I(A;B) of one snapshot, what Eve knows of it, and I(A;B|E), in bits.
    var bitsPerSnapshot: Double
    var eveBitsPerSnapshot: Double
    var secretBitsPerSnapshot: Double
    /// The same a minute, over the Doppler spectrum at the run's probe rate: without Eve, and what she leaves.
    var bitsPerMinute: Double
    var secretBitsPerMinute: Double
    var effectiveModes: Double

    init(_ ceilings: Ceilings) {
        bitsPerSnapshot = ceilings.bitsPerSnapshot
        eveBitsPerSnapshot = ceilings.eveBitsPerSnapshot
        secretBitsPerSnapshot = ceilings.secretBitsPerSnapshot
        bitsPerMinute = ceilings.bitsPerMinute
        secretBitsPerMinute = ceilings.secretBitsPerMinute
        effectiveModes = ceilings.effectiveModes
    }

    var text: String {
        let tenth = { (value: Double) in String(format: "%.1f", value) }
        return
            "Ceilings: \(tenth(bitsPerSnapshot)) bits a snapshot, \(tenth(eveBitsPerSnapshot)) known to Eve; "
            + "\(Int(bitsPerMinute)) bit/min, \(Int(secretBitsPerMinute)) against Eve."
    }
}
