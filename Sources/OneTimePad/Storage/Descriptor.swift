internal import CKernels
internal import QWaveCore

// SPDX-License-Identifier: GPL-3.0-or-later
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// An open file descriptor with one owner, closed when it goes. Every call restarts after a signal.
struct Descriptor: ~Copyable, Sendable {
    let number: Int32
    /// What it is, for messages.
    let name: String

    /// Opens `path`; the mode of a new file is 0600, further cut by nobody: pads and secrets are the owner's.
    init(opening path: String, flags: Int32) throws(QWaveError) {
        var result: Int32
        repeat { result = unsafe open(path, flags | O_CLOEXEC, 0o600) } while result < 0 && errno == EINTR
        guard result >= 0 else { throw Descriptor.failure("can't open", path) }
        number = result
        name = path
    }

    /// Takes over an open descriptor.
    init(adopting number: Int32, _ name: String) {
        self.number = number
        self.name = name
    }

    deinit { _ = close(number) }

    static func failure(_ what: String, _ path: String, _ number: Int32 = errno) -> QWaveError {
        QWaveError(
            number == ENOENT ? .unavailable : .storage,
            "\(what) \(path): \(unsafe String(cString: strerror(number))) (errno \(number))")
    }

    borrowing func size() throws(QWaveError) -> Int {
        let end = lseek(number, 0, SEEK_END)
        guard end >= 0 else { throw Descriptor.failure("can't measure", name) }
        return Int(end)
    }

    /// Fills `part` of `bytes` from `offset`, or from the current position where that is nil; less only at the end.
    ///
    /// - Precondition: `part` lies within `bytes`.
    borrowing func read(
        at offset: Int?, into bytes: inout MutableSpan<UInt8>, part: Range<Int>
    ) throws(QWaveError) -> Int {
        precondition(part.lowerBound >= 0 && part.upperBound <= bytes.count, "a read beyond its buffer")
        let count = part.count
        var done = 0
        while done < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer -> Int in
                let target = unsafe buffer.baseAddress! + part.lowerBound + done
                guard let offset else { return unsafe Self.systemRead(number, target, count - done) }
                return unsafe pread(number, target, count - done, off_t(offset + done))
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw Descriptor.failure("can't read", name) }
            if got == 0 { break }
            done += got
        }
        return done
    }

    /// Writes all bytes at `offset`, or at the current position where that is nil.
    borrowing func write(_ bytes: Span<UInt8>, at offset: Int?) throws(QWaveError) {
        let count = bytes.count
        var done = 0
        while done < count {
            let put = unsafe bytes.withUnsafeBytes { buffer -> Int in
                let source = unsafe buffer.baseAddress! + done
                guard let offset else { return unsafe Self.systemWrite(number, source, count - done) }
                return unsafe pwrite(number, source, count - done, off_t(offset + done))
            }
            if put < 0 && errno == EINTR { continue }
            guard put > 0 else { throw Descriptor.failure("can't write", name) }
            done += put
        }
    }

    borrowing func truncate(to size: Int) throws(QWaveError) {
        var result: Int32
        repeat { result = ftruncate(number, off_t(size)) } while result != 0 && errno == EINTR
        guard result == 0 else { throw Descriptor.failure("can't cut", name) }
    }

    /// Makes data, and the size needed to read it, durable. Never repeated after a failure: the kernel may have
    /// dropped the pages and would then report success.
    borrowing func sync(names: Bool = false) throws(QWaveError) {
        #if canImport(Glibc)
            let result = names ? fsync(number) : fdatasync(number)
        #else
            let result = names ? fsync(number) : fcntl(number, F_FULLFSYNC)
        #endif
        guard result == 0 else { throw Descriptor.failure("can't flush", name) }
    }

    borrowing func punch(_ range: Range<Int>) throws(QWaveError) {
        guard !range.isEmpty else { return }
        let result = qw_punch_hole(number, Int64(range.lowerBound), Int64(range.count))
        guard result == 0 || result == EOPNOTSUPP || result == ENOSYS else {
            throw Descriptor.failure("can't punch a hole into", name, result)
        }
    }

    /// Takes the exclusive lock, or says that somebody else has it.
    borrowing func lock() throws(QWaveError) -> Bool {
        while flock(number, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw Descriptor.failure("can't lock", name) }
        }
        return true
    }

    borrowing func unlock() { _ = flock(number, LOCK_UN) }

    private static func systemRead(_ fd: Int32, _ target: UnsafeMutableRawPointer, _ count: Int) -> Int {
        #if canImport(Glibc)
            unsafe Glibc.read(fd, target, count)
        #else
            unsafe Darwin.read(fd, target, count)
        #endif
    }

    private static func systemWrite(_ fd: Int32, _ source: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Glibc)
            unsafe Glibc.write(fd, source, count)
        #else
            unsafe Darwin.write(fd, source, count)
        #endif
    }
}
