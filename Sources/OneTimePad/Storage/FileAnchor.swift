public import QWaveCore

// SPDX-License-Identifier: GPL-3.0-or-later
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// An anchor in files of a directory of its own, one for each pad, to be kept out of the pads' backups.
///
/// A file has two slots of 24 bytes, 4096 apart: "QWA1", four zeros, generation (8), checksum (8); big-endian. The older
/// one is written and flushed, and the valid one with the higher generation counts.
public struct FileAnchor: RollbackAnchor {
    private static let magic: [UInt8] = Array("QWA1".utf8) + [0, 0, 0, 0]
    private static let slotBytes = 24
    private static let stride = 4096

    public let directory: String

    /// - Parameter directory: made (mode 0700) when the first pad is.
    public init(directory: String) { self.directory = directory }

    private func path(_ pad: String) -> String { directory + "/" + pad }

    public func generation(of pad: String) throws(QWaveError) -> UInt64? {
        let file: Descriptor
        do { file = try Descriptor(opening: path(pad), flags: O_RDONLY) } catch {
            guard error.code == .unavailable else { throw error }
            return nil
        }
        return try read(file, pad).map(\.generation).max()
    }

    private func read(
        _ file: borrowing Descriptor, _ pad: String
    ) throws(QWaveError) -> [(generation: UInt64, slot: Int)] {
        var slots: [(UInt64, Int)] = []
        for slot in 0..<2 {
            var bytes = [UInt8](repeating: 0, count: Self.slotBytes)
            var span = bytes.mutableSpan
            let got = try file.read(at: slot * Self.stride, into: &span, part: 0..<Self.slotBytes)
            guard got == Self.slotBytes, Array(bytes.prefix(8)) == Self.magic else { continue }
            var reader = ByteReader(Array(bytes[8...]), what: "anchor")
            let generation = try reader.read(UInt64.self)
            if try reader.read(UInt64.self) == Checksum.of(Array(bytes.prefix(16))) {
                slots.append((generation, slot))
            }
        }
        guard !slots.isEmpty else {
            throw QWaveError(
                .storage,
                "the anchor \(path(pad)) is unreadable, so nobody can tell whether the pad is an old state of itself: "
                    + "delete the pad at both ends and enroll again")
        }
        return slots
    }

    public func advance(_ pad: String, to generation: UInt64) throws(QWaveError) {
        let (file, slot) = try slotToWrite(pad)
        var writer = ByteWriter()
        writer.write(Self.magic)
        writer.write(generation)
        writer.write(Checksum.of(writer.bytes))
        try file.write(writer.bytes.span, at: slot * Self.stride)
        try file.sync()
    }

    /// The anchor's file, made where it isn't there, and which of its slots is the older one.
    private func slotToWrite(_ pad: String) throws(QWaveError) -> (DiskFile, Int) {
        guard try generation(of: pad) != nil else {
            try makeDirectory()
            let file = try Descriptor(opening: path(pad), flags: O_RDWR | O_CREAT | O_EXCL)
            try Enrollment.syncDirectory(of: path(pad))
            return (DiskFile(file), 0)
        }
        let file = try Descriptor(opening: path(pad), flags: O_RDWR)
        let newest = try read(file, pad).max { $0.generation < $1.generation }
        return (DiskFile(file), newest.map { 1 - $0.slot } ?? 0)
    }

    private func makeDirectory() throws(QWaveError) {
        var path = directory.hasPrefix("/") ? "" : "."
        for part in directory.split(separator: "/") {
            path += "/" + part
            guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
                throw QWaveError(
                    .storage,
                    "can't make \(directory), where the pads' anchors are kept: name another place",
                    cause: Descriptor.failure("can't make", path))
            }
        }
    }
}
