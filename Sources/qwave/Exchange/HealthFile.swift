// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Secrecy

/// The memory of failed health tests beside a pad: no exchange begins until somebody has looked at the channel.
///
/// Names and thresholds only; what was measured is never written.
struct HealthFile {
    private let path: String

    init(_ padFolder: String) {
        path =
            URL(fileURLWithPath: padFolder).standardizedFileURL.resolvingSymlinksInPath().path + ".health"
    }

    /// What failed before. A file that can't be read isn't a clean record.
    func read() throws(QWaveError) -> HealthState {
        guard FileManager.default.fileExists(atPath: path) else { return HealthState() }
        do {
            return try HealthState(json: try Files.read(path, limit: 1 << 20))
        } catch {
            throw QWaveError(
                .badInput, "\(path), the memory of failed health tests, can't be read", cause: error)
        }
    }

    /// Remembers what failed on keyed samples.
    func note(_ results: [HealthResult]) throws(QWaveError) {
        guard results.contains(where: { !$0.passed }) else { return }
        var state = try read()
        state.absorb(results)
        try Files.write(try state.json(), to: path)
    }

    /// Forgets: an operator has looked at the channel.
    func reset() throws(QWaveError) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do { try FileManager.default.removeItem(atPath: path) } catch {
            throw QWaveError(.storage, "\(path) can't be removed", cause: error)
        }
    }
}
