// SPDX-License-Identifier: GPL-3.0-or-later
internal import OneTimePad
package import QWaveCore
internal import Synchronization

/// One file of such a disk.
package final class FaultFile: StoredFile {
    private let storage: FaultStorage
    private let number: Int
    private let name: String

    init(_ storage: FaultStorage, _ number: Int, _ name: String) {
        self.storage = storage
        self.number = number
        self.name = name
    }

    static func put(_ new: [UInt8], at offset: Int, into bytes: inout [UInt8]) {
        if bytes.count < offset + new.count {
            bytes.append(contentsOf: [UInt8](repeating: 0, count: offset + new.count - bytes.count))
        }
        bytes.replaceSubrange(offset..<offset + new.count, with: new)
    }

    private func change(_ body: (inout FaultStorage.Contents) -> Void) throws(QWaveError) {
        try storage.withDisk { (disk) throws(QWaveError) in
            try FaultStorage.step(&disk)
            body(&disk.files[number, default: FaultStorage.Contents()])
        }
    }

    package func size() throws(QWaveError) -> Int {
        try storage.withDisk { disk in disk.files[number]?.current.count ?? 0 }
    }

    package func read(at offset: Int, into bytes: inout MutableSpan<UInt8>, part: Range<Int>)
        throws(QWaveError)
    {
        let all = try storage.withDisk { disk in disk.files[number]?.current ?? [] }
        guard offset + part.count <= all.count else { throw QWaveError(.storage, "\(name) is too short") }
        for index in 0..<part.count { bytes[part.lowerBound + index] = all[offset + index] }
    }

    package func write(_ bytes: Span<UInt8>, at offset: Int) throws(QWaveError) {
        var copy: [UInt8] = []
        for index in 0..<bytes.count { copy.append(bytes[index]) }
        let name = name
        do {
            try change { contents in
                Self.put(copy, at: offset, into: &contents.current)
                contents.writes.append((offset, copy))
            }
        } catch {
            // The power may go while the write is under way: some of it may arrive.
            storage.disk.withLock { disk in
                disk.files[number]?.writes.append((offset, copy))
            }
            throw error
        }
        storage.disk.withLock { if $0.keepsWrites { $0.written[name, default: []].append(copy) } }
    }

    package func truncate(to size: Int) throws(QWaveError) {
        try change { contents in
            contents.current = Array(contents.current.prefix(size))
            contents.durable = Array(contents.durable.prefix(size))
        }
    }

    package func punch(_ range: Range<Int>) throws(QWaveError) {
        let zeros = [UInt8](repeating: 0, count: range.count)
        try change { contents in
            Self.put(zeros, at: range.lowerBound, into: &contents.current)
            contents.writes.append((range.lowerBound, zeros))
        }
    }

    package func sync() throws(QWaveError) {
        let skips = storage.disk.withLock { $0.skipsSync }
        try change { contents in
            guard !skips else { return }
            contents.durable = contents.current
            contents.writes = []
        }
    }
}
