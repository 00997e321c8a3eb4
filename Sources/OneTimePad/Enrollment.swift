public import QWaveCore

// SPDX-License-Identifier: GPL-3.0-or-later
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The first secret of a link, carried to both ends out of band: epoch 0 of their pads.
///
/// One file for each role, alike but for the role: a line of text, version (1), role (1), link id (8), counted label,
/// mask bytes of each direction (4), then secret: r_AB (16), r_BA (16), masks of the initiator, masks of the
/// responder; and a checksum (8). Big-endian. The file is consumed when a pad is made from it: two pads from one
/// enrollment would use every mask twice.
public struct Enrollment: Sendable {
    /// Default size of the secret: two hash keys and about 2000 masks of 16 bytes each way.
    public static let defaultBytes = 65536
    public static let minimumBytes = 1024
    public static let maximumBytes = 16 << 20
    static let labelLimit = 256
    private static let heading: [UInt8] = Array("QWave enrollment: secret, for one end of one link\n".utf8)

    let identity: LinkIdentity
    /// Hash keys and masks, in the order of the file.
    let secret: SecretBox

    /// Which end the file is for.
    public var role: Party.Role { identity.role }
    public var linkID: UInt64 { identity.linkID }
    /// The link's name, for people.
    public var name: String { identity.label }

    /// Draws a link's first secret and writes the two files that its ends need, readable by their owner only.
    ///
    /// - Parameters:
    ///   - initiatorPath: the file for the end that connects.
    ///   - responderPath: the file for the end that listens.
    ///   - bytes: size of the secret, `minimumBytes` to `maximumBytes`.
    ///   - name: shown in status and messages, at most 256 bytes.
    /// - Throws: `.usage` for sizes and names; `.storage` where a file exists already (it is left as it is) or can't
    ///   be written; `.noRandomness`. Nothing stays behind after an error.
    public static func create(
        at initiatorPath: String, _ responderPath: String, bytes: Int = defaultBytes, name: String,
        random: some RandomSource = SystemRandomSource()
    ) throws(QWaveError) {
        guard (minimumBytes...maximumBytes).contains(bytes) else {
            throw QWaveError(
                .usage, "an enrolled secret has \(minimumBytes) to \(maximumBytes) bytes, not \(bytes)")
        }
        guard name.utf8.count <= labelLimit else {
            throw QWaveError(.usage, "a link's name has at most \(labelLimit) bytes, not \(name.utf8.count)")
        }
        let masks = (bytes - 32) / 2
        let linkID = try random.word()
        let secret = try SecretBuffer(random: 32 + 2 * masks, from: random)
        let roles: [(Party.Role, String)] = [(.initiator, initiatorPath), (.responder, responderPath)]
        var written: [String] = []
        do {
            for (role, path) in roles {
                let identity = LinkIdentity(role: role, linkID: linkID, label: name, maskBytes: masks)
                var contents = secret.withBytes { encode(identity, $0) }
                defer { contents.wipe() }
                let file = try newFile(path)
                written.append(path)
                try file.write(contents.span, at: 0)
                try file.sync()
                try syncDirectory(of: path)
            }
        } catch {
            for path in written { _ = unsafe unlink(path) }
            throw error
        }
    }

    private static func newFile(_ path: String) throws(QWaveError) -> DiskFile {
        do {
            return DiskFile(try Descriptor(opening: path, flags: O_RDWR | O_CREAT | O_EXCL))
        } catch {
            throw QWaveError(
                .storage,
                "can't write the enrollment \(path), which must be a new file in an existing directory: an "
                    + "enrollment is never overwritten; remove the old one if no pad was made of it",
                cause: error)
        }
    }

    /// Makes the name of a file or directory durable.
    static func syncDirectory(of path: String) throws(QWaveError) {
        let end = path.lastIndex(of: "/")
        let directory = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        try Descriptor(opening: directory, flags: O_RDONLY | O_DIRECTORY).sync(names: true)
    }

    private static func encode(_ identity: LinkIdentity, _ secret: Span<UInt8>) -> [UInt8] {
        // Room for all of it: a buffer that grows leaves what it held behind.
        var writer = ByteWriter(capacity: 1024 + secret.count)
        writer.write(heading)
        writer.write(UInt8(1))
        writer.write(identity.role.rawValue)
        writer.write(identity.linkID)
        writer.writeCounted(Array(identity.label.utf8))
        writer.write(UInt32(identity.maskBytes))
        for index in 0..<secret.count { writer.write(secret[index]) }
        writer.write(Checksum.of(writer.bytes))
        return writer.bytes
    }

    /// Reads an enrollment file.
    ///
    /// - Throws: `.notAuthenticated` where there is none; `.badInput` where it is short, damaged or something else.
    public init(reading path: String) throws(QWaveError) {
        var bytes: [UInt8]
        do {
            let file = DiskFile(try Descriptor(opening: path, flags: O_RDONLY))
            bytes = try file.bytes(at: 0, count: min(file.size(), Self.maximumBytes + 4096))
        } catch {
            throw QWaveError(
                .notAuthenticated,
                "there is no readable enrollment at \(path): make one with `qwave enroll` and carry each end's file "
                    + "to it (a file that a pad was made of is gone)", cause: error)
        }
        defer { bytes.wipe() }
        do {
            self = try Self.decode(bytes)
        } catch {
            throw QWaveError(
                .badInput, "\(path) isn't a whole enrollment file: carry it again, or enroll again",
                cause: error)
        }
    }

    private static func decode(_ bytes: [UInt8]) throws(QWaveError) -> Enrollment {
        var reader = ByteReader(bytes, what: "enrollment")
        guard try reader.read(count: heading.count) == heading, try reader.read(UInt8.self) == 1,
            let role = Party.Role(rawValue: try reader.read())
        else { throw QWaveError(.badInput, "its heading, version or role is unknown") }
        let linkID = try reader.read(UInt64.self)
        let label = String(decoding: try reader.readCounted(limit: labelLimit), as: UTF8.self)
        let masks = Int(try reader.read(UInt32.self))
        guard masks >= (minimumBytes - 32) / 2, masks <= maximumBytes / 2 else {
            throw QWaveError(.badInput, "\(masks) mask bytes are out of bounds")
        }
        var secret = try reader.read(count: 32 + 2 * masks)
        defer { secret.wipe() }
        let checksum = try reader.read(UInt64.self)
        try reader.finish()
        guard checksum == Checksum.of(bytes.span.extracting(0..<bytes.count - 8)) else {
            throw QWaveError(.badInput, "its checksum is wrong")
        }
        return Enrollment(
            identity: LinkIdentity(role: role, linkID: linkID, label: label, maskBytes: masks),
            secret: SecretBox(SecretBuffer(copying: secret)))
    }

    init(identity: LinkIdentity, secret: SecretBox) {
        self.identity = identity
        self.secret = secret
    }

    /// An enrollment without files, for experiments: `secret` has 32 bytes of hash keys, then both directions' masks.
    package init(role: Party.Role, linkID: UInt64, secret: borrowing SecretBuffer) {
        self.init(
            identity: LinkIdentity(
                role: role, linkID: linkID, label: "laboratory", maskBytes: (secret.count - 32) / 2),
            secret: SecretBox(secret.copy()))
    }

    /// Overwrites and removes an enrollment file.
    static func consume(_ path: String) throws(QWaveError) {
        let file = DiskFile(try Descriptor(opening: path, flags: O_RDWR))
        try file.clear(0..<file.size())
        try file.sync()
        guard unsafe unlink(path) == 0 else { throw Descriptor.failure("can't remove", path) }
        try syncDirectory(of: path)
    }
}

/// A secret that several owners share; wiped when the last one goes.
final class SecretBox: Sendable {
    let buffer: SecretBuffer
    init(_ buffer: consuming SecretBuffer) { self.buffer = buffer }
}
