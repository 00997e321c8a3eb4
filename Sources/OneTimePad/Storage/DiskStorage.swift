internal import QWaveCore

// SPDX-License-Identifier: GPL-3.0-or-later
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A pad directory on disk: mode 0700, files 0600, locked against every other process while it is open.
final class DiskStorage: Storage {
    static let lockName = "lock"

    let place: String
    private let directory: Descriptor
    private let lock: Descriptor

    /// Opens the directory, and makes it where `creating` is set and it isn't there.
    init(_ path: String, creating: Bool) throws(QWaveError) {
        place = path
        if creating {
            if unsafe mkdir(path, 0o700) != 0 && errno != EEXIST {
                throw Descriptor.failure("can't make", path)
            }
            guard unsafe chmod(path, 0o700) == 0 else {
                throw Descriptor.failure("can't keep others out of", path)
            }
        }
        do {
            directory = try Descriptor(opening: path, flags: O_RDONLY | O_DIRECTORY)
            lock = try Descriptor(opening: path + "/" + Self.lockName, flags: O_RDWR | O_CREAT)
        } catch {
            throw QWaveError(
                error.code == .unavailable ? .unavailable : .storage,
                "no pad can be opened at \(path): make one from an enrollment file first", cause: error)
        }
        guard try lock.lock() else {
            var holder = [UInt8](repeating: 0, count: 20)
            var span = holder.mutableSpan
            let count = (try? lock.read(at: 0, into: &span, part: 0..<20)) ?? 0
            let text = String(decoding: holder.prefix(count).prefix { (48...57).contains($0) }, as: UTF8.self)
            throw QWaveError(
                .unavailable,
                "the pad at \(path) is in use by process \(text.isEmpty ? "unknown" : text): "
                    + "a pad has one user at a time; wait until it ends, or stop it")
        }
        try lock.truncate(to: 0)
        try lock.write(Array("\(getpid())\n".utf8).span, at: 0)
    }

    func names() throws(QWaveError) -> [String] {
        guard let stream = unsafe opendir(place) else { throw Descriptor.failure("can't list", place) }
        defer { _ = unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe String(cString: UnsafeRawPointer(field).assumingMemoryBound(to: CChar.self))
            }
            if name != "." && name != ".." && name != Self.lockName { names.append(name) }
        }
        return names.sorted()
    }

    func file(_ name: String) throws(QWaveError) -> any StoredFile {
        DiskFile(try Descriptor(opening: place + "/" + name, flags: O_RDWR))
    }

    func newFile(_ name: String) throws(QWaveError) -> any StoredFile {
        DiskFile(try Descriptor(opening: place + "/" + name, flags: O_RDWR | O_CREAT | O_EXCL))
    }

    func remove(_ name: String) throws(QWaveError) {
        guard unsafe unlink(place + "/" + name) == 0 else {
            throw Descriptor.failure("can't remove", place + "/" + name)
        }
    }

    func syncNames() throws(QWaveError) { try directory.sync(names: true) }
    func release() { lock.unlock() }
}

/// One open file of a pad directory.
final class DiskFile: StoredFile {
    private let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    func size() throws(QWaveError) -> Int { try descriptor.size() }

    func read(at offset: Int, into bytes: inout MutableSpan<UInt8>, part: Range<Int>) throws(QWaveError) {
        let wanted = part.count
        let got = try descriptor.read(at: offset, into: &bytes, part: part)
        guard got == wanted else {
            throw QWaveError(
                .storage, "\(descriptor.name) is too short: \(wanted) bytes wanted at \(offset), \(got) there"
            )
        }
    }

    func write(_ bytes: Span<UInt8>, at offset: Int) throws(QWaveError) {
        try descriptor.write(bytes, at: offset)
    }

    func truncate(to size: Int) throws(QWaveError) { try descriptor.truncate(to: size) }
    func punch(_ range: Range<Int>) throws(QWaveError) { try descriptor.punch(range) }
    func sync() throws(QWaveError) { try descriptor.sync() }
}
