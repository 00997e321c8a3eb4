// SPDX-License-Identifier: GPL-3.0-or-later
internal import OneTimePad

/// A pad's books, as their JSON object or as lines.
struct PadReport: CommandResult {
    private let status: PadStatus
    private let folder: String

    init(_ status: PadStatus, folder: String) {
        self.status = status
        self.folder = folder
    }

    func encode(to encoder: any Encoder) throws { try status.encode(to: encoder) }

    var text: String {
        var lines = [
            "\(folder): pad of the \(status.role) of \"\(status.name)\" (link \(status.link))",
            "                generated        used       burnt    reserved        free",
        ]
        for (name, stream) in [
            ("outgoing", status.outgoing), ("incoming", status.incoming),
            ("masks out", status.enrolledOutgoing), ("masks in", status.enrolledIncoming),
        ] {
            let numbers = [stream.generated, stream.used, stream.burnt, stream.reserved, stream.free]
            lines.append("  " + name.padding(toLength: 11) + numbers.map { PadText.column($0) }.joined())
        }
        lines.append(
            "  \(status.spendable) bytes may be spent" + (status.isLow ? "; the pad is low, pair again" : ""))
        if status.pendingBlocks > 0 {
            lines.append(
                "  \(status.pendingBlocks) blocks wait for the peer, \(status.pendingBytes) bytes each way")
        }
        if status.journalWasDamaged { lines.append("  a damaged slot of the journal was mended") }
        if status.failedChecks > 0 { lines.append("  \(status.failedChecks) messages failed their check") }
        if status.isLocked { lines.append("  LOCKED: too many messages failed their check; enroll again") }
        return lines.joined(separator: "\n")
    }
}

enum PadText {
    /// Right-aligned in twelve characters.
    static func column(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: " ", count: max(1, 12 - digits.count)) + digits
    }

    /// 16 hexadecimal digits.
    static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
