// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// What a pad directory says of itself; nothing of it is secret. Its file is written last: without it there is no pad.
struct LinkIdentity: Equatable, Sendable {
    static let name = "link"
    private static let magic: [UInt8] = Array("QWL1".utf8)

    var role: Party.Role
    /// Drawn at enrollment, the same at both ends.
    var linkID: UInt64
    /// For people.
    var label: String
    /// Enrolled mask bytes of each direction.
    var maskBytes: Int

    /// Magic (4), role (1), link id (8), mask bytes (4), counted label, checksum (8).
    var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.write(Self.magic)
        writer.write(role.rawValue)
        writer.write(linkID)
        writer.write(UInt32(maskBytes))
        writer.writeCounted(Array(label.utf8))
        writer.write(Checksum.of(writer.bytes))
        return writer.bytes
    }

    static func read(from storage: any Storage) throws(QWaveError) -> LinkIdentity {
        let file: any StoredFile
        do { file = try storage.file(name) } catch {
            throw QWaveError(
                .unavailable,
                "there is no pad at \(storage.place), or it was never finished: remove the directory and make a pad "
                    + "from an enrollment file", cause: error)
        }
        let bytes = try file.bytes(at: 0, count: min(file.size(), 4096))
        do {
            var reader = ByteReader(bytes, what: "the pad's link file")
            guard try reader.read(count: 4) == magic, let role = Party.Role(rawValue: try reader.read())
            else {
                throw QWaveError(.badInput, "it isn't one")
            }
            let identity = LinkIdentity(
                role: role, linkID: try reader.read(UInt64.self),
                label: "", maskBytes: Int(try reader.read(UInt32.self)))
            let label = try reader.readCounted(limit: Enrollment.labelLimit)
            let checksum = try reader.read(UInt64.self)
            try reader.finish()
            guard checksum == Checksum.of(Array(bytes.dropLast(8))) else {
                throw QWaveError(.badInput, "its checksum is wrong")
            }
            var result = identity
            result.label = String(decoding: label, as: UTF8.self)
            return result
        } catch {
            throw QWaveError(
                .storage, "\(storage.place)/\(name) is damaged: delete the pad at both ends and enroll again",
                cause: error)
        }
    }
}
