// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
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
    static func write(_ key: SecretKey, to path: String) throws(QWaveError) {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw QWaveError(.usage, "\(path) exists already: a key never overwrites a file")
        }
        let written = key.withBytes { bytes in
            FileManager.default.createFile(
                atPath: path, contents: Data(copying: bytes), attributes: [.posixPermissions: 0o600])
        }
        guard written else {
            throw QWaveError(.storage, "\(path) can't be written; check the folder and free space")
        }
    }
}

extension Data {
    fileprivate init(copying bytes: borrowing Span<UInt8>) {
        self.init(capacity: bytes.count)
        for index in 0..<bytes.count { append(bytes[index]) }
    }
}
