// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import OneTimePad
internal import Pairing
internal import QWaveCore
internal import Synchronization

/// Phases of an exchange on standard error, on a terminal only.
final class PhaseProgress: Sendable {
    private let progress: Progress
    init(_ what: String) { progress = Progress(what) }

    func show(_ event: ExchangeEvent) {
        guard case .phase(let phase) = event, let place = ExchangeEvent.Phase.allCases.firstIndex(of: phase)
        else { return }
        progress.update(Double(place) / Double(ExchangeEvent.Phase.allCases.count))
    }

    func finish() { progress.finish() }
}

/// Secret bytes on disk: a new file that only its owner can read, written whole or not at all.
enum SecretFile {
    /// Throws `.usage` where the path is taken; to be asked before work that would be lost.
    static func check(_ path: String) throws(QWaveError) {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw QWaveError(.usage, "\(path) exists already: a key never overwrites a file")
        }
    }

    /// Keys one after the other.
    static func write(_ keys: [SecretKey], to path: String) throws(QWaveError) {
        try check(path)
        var file = try FileOutput(path)
        do {
            for key in keys {
                try key.withBytes { (bytes: Span<UInt8>) throws(QWaveError) in try file.write(bytes) }
            }
            try file.sync()
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
    }
}
