// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Synchronization

/// One message on its way.
struct WireMessage: Sendable {
    var sender: Party.Role
    /// Which of its sender's messages, from 0.
    var index: Int
    var bytes: [UInt8]
}

/// An attacker on the link: records what passes, and decides what arrives.
final class Wire: Sendable {
    /// What arrives in place of a message; nil cuts the link.
    typealias Rule = @Sendable (WireMessage) -> [[UInt8]]?

    private let log = Mutex<[WireMessage]>([])
    private let rule: Rule

    init(_ rule: @escaping Rule = { [$0.bytes] }) { self.rule = rule }

    /// What was sent, in order; what arrived may differ.
    var sent: [WireMessage] { log.withLock { $0 } }

    /// What was sent up to the responder's COMMIT: behind it the block is spent by right.
    var untilCommit: [WireMessage] {
        let all = sent
        let last = all.lastIndex { $0.sender == .responder && $0.bytes.first == 0x07 }
        return Array(all[..<(last.map { $0 + 1 } ?? all.count)])
    }

    func tap(_ link: any Link, _ role: Party.Role) -> any Link { Tap(wire: self, base: link, role: role) }

    private func pass(_ bytes: [UInt8], from role: Party.Role) -> [[UInt8]]? {
        let message = log.withLock { log in
            let message = WireMessage(
                sender: role, index: log.count { $0.sender == role }, bytes: bytes)
            log.append(message)
            return message
        }
        return rule(message)
    }

    private struct Tap: Link {
        let wire: Wire
        let base: any Link
        let role: Party.Role

        func send(_ message: [UInt8]) async throws(QWaveError) {
            guard let arriving = wire.pass(message, from: role) else {
                await base.close()
                return
            }
            for message in arriving { try await base.send(message) }
        }
        func receive() async throws(QWaveError) -> [UInt8] { try await base.receive() }
        func close() async { await base.close() }
    }
}
