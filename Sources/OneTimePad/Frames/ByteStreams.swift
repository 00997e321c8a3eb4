public import QWaveCore

// SPDX-License-Identifier: GPL-3.0-or-later
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Where bytes to wrap or to open come from.
public protocol ByteInput: ~Copyable {
    /// The next `count` bytes; fewer only at the end, none after it.
    mutating func read(_ count: Int) throws(QWaveError) -> [UInt8]
    /// How many are left, where that is known without reading.
    var remaining: Int? { get }
}

/// Where wrapped or opened bytes go.
public protocol ByteOutput: ~Copyable {
    mutating func write(_ bytes: Span<UInt8>) throws(QWaveError)
}

/// Bytes in memory.
public struct MemoryInput: ByteInput, Sendable {
    private let bytes: [UInt8]
    private var position = 0
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public mutating func read(_ count: Int) -> [UInt8] {
        let end = min(bytes.count, position + max(0, count))
        defer { position = end }
        return Array(bytes[position..<end])
    }
    public var remaining: Int? { bytes.count - position }
}

/// Bytes collected in memory.
public struct MemoryOutput: ByteOutput, Sendable {
    public private(set) var bytes: [UInt8] = []
    public init() {}

    public mutating func write(_ new: Span<UInt8>) {
        bytes.reserveCapacity(bytes.count + new.count)
        unsafe new.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }
}

/// A file, or standard input for "-".
public struct FileInput: ~Copyable, ByteInput, Sendable {
    private let descriptor: Descriptor

    /// - Throws: `.unavailable` where the file isn't there, `.storage` where it can't be read.
    public init(_ path: String) throws(QWaveError) {
        descriptor =
            try path == "-"
            ? Descriptor(duplicating: 0, "standard input") : Descriptor(opening: path, flags: O_RDONLY)
    }

    public mutating func read(_ count: Int) throws(QWaveError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(0, count))
        var span = bytes.mutableSpan
        let got = try descriptor.read(at: nil, into: &span, part: 0..<span.count)
        if got < bytes.count { bytes.removeLast(bytes.count - got) }
        return bytes
    }

    public var remaining: Int? { descriptor.remaining }
}

/// A new file, or standard output for "-".
public struct FileOutput: ~Copyable, ByteOutput, Sendable {
    private let descriptor: Descriptor

    /// Creates the file with mode 0600.
    ///
    /// - Throws: `.storage` where it exists, unless `replacing`.
    public init(_ path: String, replacing: Bool = false) throws(QWaveError) {
        let flags = O_WRONLY | O_CREAT | (replacing ? O_TRUNC : O_EXCL)
        descriptor =
            try path == "-"
            ? Descriptor(duplicating: 1, "standard output") : Descriptor(opening: path, flags: flags)
    }

    public mutating func write(_ bytes: Span<UInt8>) throws(QWaveError) {
        try descriptor.write(bytes, at: nil)
    }

    /// Makes the file durable.
    public func sync() throws(QWaveError) { try descriptor.sync() }
}

extension Descriptor {
    init(duplicating other: Int32, _ name: String) throws(QWaveError) {
        let number = fcntl(other, F_DUPFD_CLOEXEC, 0)
        guard number >= 0 else { throw Descriptor.failure("can't use", name) }
        self.init(adopting: number, name)
    }

    /// Bytes behind the current position of a regular file.
    var remaining: Int? {
        let here = lseek(number, 0, SEEK_CUR)
        guard here >= 0 else { return nil }
        let end = lseek(number, 0, SEEK_END)
        guard end >= here, lseek(number, here, SEEK_SET) == here else { return nil }
        return Int(end - here)
    }
}
