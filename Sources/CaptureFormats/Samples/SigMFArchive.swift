// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore

/// Finds the one recording in a SigMF archive, a POSIX tar file (pax and GNU long names are understood), without
/// unpacking it: the samples are read where they lie.
enum SigMFArchive {
    /// Files in an archive that are looked at.
    private static let mostFiles = 10_000
    /// Bytes of a long name or a pax header.
    private static let longestName = 1 << 16

    static func hasFile(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// - Throws: `.unavailable` when the file can't be read; `.badInput` for damage, or unless it holds one
    ///   description and the samples of the same name.
    static func recording(_ path: String) throws(QWaveError) -> SigMFRecording {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw QWaveError(.unavailable, "\(path) can't be read; check the name and the permissions")
        }
        defer { try? file.close() }
        let name = FileBytes.name(path)
        let size = try FileBytes.size(path)
        var descriptions: [TarEntry] = []
        var data: [TarEntry] = []
        var offset = 0
        var long: TarEntry.Extension?
        for _ in 0..<mostFiles {
            guard offset <= size - TarEntry.block else { break }
            let header = try read(file, offset, TarEntry.block, name)
            guard header.contains(where: { $0 != 0 }) else { break }
            var entry = try TarEntry(header: header, offset: offset, name: name)
            if let long {
                entry.path = long.path ?? entry.path
                entry.size = long.size ?? entry.size
            }
            guard entry.size <= size - entry.start else {
                throw TarEntry.error(name, offset, "the archive ends inside \(entry.path.prefix(80))")
            }
            if let kind = entry.extensionKind {
                guard entry.size <= longestName else {
                    throw TarEntry.error(name, offset, "a name of \(entry.size) bytes")
                }
                let bytes = try read(file, entry.start, entry.size, name)
                long = TarEntry.Extension(kind, bytes, after: long)
            } else {
                long = nil
                if entry.isFile, entry.path.hasSuffix(".sigmf-meta") { descriptions.append(entry) }
                if entry.isFile, entry.path.hasSuffix(".sigmf-data") { data.append(entry) }
            }
            // Nothing overflows: the entry ends inside the file.
            offset = entry.start + (entry.size + TarEntry.block - 1) / TarEntry.block * TarEntry.block
        }
        guard descriptions.count == 1, let meta = descriptions.first else {
            throw QWaveError(
                .badInput,
                "\(name) holds \(descriptions.count) SigMF descriptions; an archive of one recording is read")
        }
        guard meta.size <= SigMFDescription.longest else {
            throw QWaveError(.badInput, "\(name): a description of \(meta.size) bytes is too long")
        }
        let bytes = try read(file, meta.start, meta.size, name)
        let description = try SigMFDescription(bytes: bytes, name: "\(name): \(meta.path.prefix(80))")
        let wanted = meta.path.dropLast("meta".count) + "data"
        guard description.dataset == nil, let samples = data.first(where: { $0.path == wanted }) else {
            throw QWaveError(.badInput, "\(name) holds no samples for \(meta.path.prefix(80))")
        }
        return try SigMFRecording(
            description, dataPath: path, offset: samples.start,
            length: samples.size - description.headerBytes - description.trailingBytes, name: name)
    }

    private static func read(
        _ file: FileHandle, _ offset: Int, _ count: Int, _ name: String
    ) throws(QWaveError) -> [UInt8] {
        do {
            try file.seek(toOffset: UInt64(offset))
            var bytes: [UInt8] = []
            while bytes.count < count, let piece = try file.read(upToCount: count - bytes.count),
                !piece.isEmpty
            {
                bytes += piece
            }
            if bytes.count == count { return bytes }
        } catch {
            throw QWaveError(.unavailable, "\(name) can't be read", cause: error)
        }
        throw TarEntry.error(name, offset, "the archive ends inside a block")
    }
}
