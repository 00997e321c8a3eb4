// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Synchronization
import TestSupport

@testable import OneTimePad

/// A disk in memory that remembers what was flushed, and stops, or fails, at any operation.
///
/// Every operation that changes the disk counts as a step. At step `stopAfter` the machine loses power: that step and
/// all later ones throw, and `crashed(_:)` builds the disk that is found afterwards.
final class FaultStorage: Storage {
    /// What a power loss leaves of writes that weren't flushed.
    enum Loss: Equatable {
        /// Everything reached the medium.
        case nothing
        /// Only the process died: what wasn't flushed is still in memory, and still may be lost later.
        case process
        /// Nothing that wasn't flushed did.
        case unflushed
        /// A random part of the writes did, the last of them torn; so did a random part of the names.
        case random(UInt64)
    }

    struct Contents {
        var durable: [UInt8] = []
        var current: [UInt8] = []
        /// Writes since the last flush, as they came.
        var writes: [(offset: Int, bytes: [UInt8])] = []
    }
    struct Disk {
        var files: [Int: Contents] = [:]
        var names: [String: Int] = [:]
        var durableNames: [String: Int] = [:]
        var nextFile = 0
        var steps = 0
        var stopAfter: Int?
        var failAt: Int?
        var skipsSync = false
        /// Every byte given to `write` while `keepsWrites` is set, to look for secrets where they mustn't be.
        var keepsWrites = false
        var written: [String: [[UInt8]]] = [:]
    }

    let disk: Mutex<Disk>
    let place = "memory"

    init(_ disk: consuming sending Disk = Disk()) { self.disk = Mutex(disk) }

    static let powerLoss = QWaveError(.storage, "planted power loss")

    /// Counts a step, and throws where the plan says so.
    fileprivate static func step(_ disk: inout Disk) throws(QWaveError) {
        disk.steps += 1
        if let stop = disk.stopAfter, disk.steps > stop { throw powerLoss }
        if disk.failAt == disk.steps { throw QWaveError(.storage, "planted failure of step \(disk.steps)") }
    }

    func withDisk<R: Sendable>(_ body: (inout Disk) throws(QWaveError) -> R) throws(QWaveError) -> R {
        try disk.withLock { (disk: inout sending Disk) throws(QWaveError) -> R in try body(&disk) }
    }

    var steps: Int { disk.withLock { $0.steps } }
    func plan(stopAfter: Int? = nil, failAt: Int? = nil) {
        disk.withLock {
            $0.steps = 0
            $0.stopAfter = stopAfter
            $0.failAt = failAt
        }
    }
    func skipSyncs() { disk.withLock { $0.skipsSync = true } }

    func names() throws(QWaveError) -> [String] { try withDisk { $0.names.keys.sorted() } }

    func file(_ name: String) throws(QWaveError) -> any StoredFile {
        try withDisk { (disk) throws(QWaveError) in
            guard let number = disk.names[name] else { throw QWaveError(.unavailable, "\(name) isn't there") }
            return FaultFile(self, number, name)
        }
    }

    func newFile(_ name: String) throws(QWaveError) -> any StoredFile {
        try withDisk { (disk) throws(QWaveError) in
            try Self.step(&disk)
            guard disk.names[name] == nil else { throw QWaveError(.storage, "\(name) exists") }
            disk.nextFile += 1
            disk.files[disk.nextFile] = Contents()
            disk.names[name] = disk.nextFile
            return FaultFile(self, disk.nextFile, name)
        }
    }

    func remove(_ name: String) throws(QWaveError) {
        try withDisk { (disk) throws(QWaveError) in
            try Self.step(&disk)
            guard disk.names.removeValue(forKey: name) != nil else {
                throw QWaveError(.unavailable, "\(name) isn't there")
            }
        }
    }

    func syncNames() throws(QWaveError) {
        try withDisk { (disk) throws(QWaveError) in
            try Self.step(&disk)
            if !disk.skipsSync { disk.durableNames = disk.names }
        }
    }

    func release() {}

    /// The disk that is found after the power came back.
    func crashed(_ loss: Loss) -> FaultStorage {
        let old = disk.withLock { $0 }
        if loss == .process {
            var same = old
            same.steps = 0
            same.stopAfter = nil
            same.failAt = nil
            return FaultStorage(same)
        }
        var new = Disk()
        new.nextFile = old.nextFile
        var random = SplitMix64(seed: { if case .random(let seed) = loss { seed } else { 0 } }())
        switch loss {
        case .nothing, .process: new.names = old.names
        case .unflushed: new.names = old.durableNames
        case .random:
            for name in Set(old.names.keys).union(old.durableNames.keys).sorted() {
                let pick = Bool.random(using: &random) ? old.names[name] : old.durableNames[name]
                if let pick { new.names[name] = pick }
            }
        }
        for (number, contents) in old.files.sorted(by: { $0.key < $1.key }) {
            var bytes = contents.durable
            if loss == .nothing { bytes = contents.current }
            if case .random = loss {
                for (offset, data) in contents.writes where Bool.random(using: &random) {
                    let kept =
                        Bool.random(using: &random)
                        ? data.count : Int.random(in: 0...data.count, using: &random)
                    FaultFile.put(Array(data.prefix(kept)), at: offset, into: &bytes)
                }
            }
            new.files[number] = Contents(durable: bytes, current: bytes)
        }
        new.durableNames = new.names
        return FaultStorage(new)
    }

    /// The bytes of a file as a program sees them now.
    func contents(_ name: String) -> [UInt8]? {
        disk.withLock { disk in disk.names[name].flatMap { disk.files[$0]?.current } }
    }

    /// Changes a file behind everybody's back, durably.
    func damage(_ name: String, _ change: (inout [UInt8]) -> Void) {
        disk.withLock { disk in
            guard let number = disk.names[name], var file = disk.files[number] else { return }
            change(&file.current)
            file.durable = file.current
            disk.files[number] = file
        }
    }
}

final class FaultFile: StoredFile {
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

    func size() throws(QWaveError) -> Int {
        try storage.withDisk { disk in disk.files[number]?.current.count ?? 0 }
    }

    func read(at offset: Int, into bytes: inout MutableSpan<UInt8>, part: Range<Int>) throws(QWaveError) {
        let all = try storage.withDisk { disk in disk.files[number]?.current ?? [] }
        guard offset + part.count <= all.count else { throw QWaveError(.storage, "\(name) is too short") }
        for index in 0..<part.count { bytes[part.lowerBound + index] = all[offset + index] }
    }

    func write(_ bytes: Span<UInt8>, at offset: Int) throws(QWaveError) {
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

    func truncate(to size: Int) throws(QWaveError) {
        try change { contents in
            contents.current = Array(contents.current.prefix(size))
            contents.durable = Array(contents.durable.prefix(size))
        }
    }

    func punch(_ range: Range<Int>) throws(QWaveError) {
        let zeros = [UInt8](repeating: 0, count: range.count)
        try change { contents in
            Self.put(zeros, at: range.lowerBound, into: &contents.current)
            contents.writes.append((range.lowerBound, zeros))
        }
    }

    func sync() throws(QWaveError) {
        let skips = storage.disk.withLock { $0.skipsSync }
        try change { contents in
            guard !skips else { return }
            contents.durable = contents.current
            contents.writes = []
        }
    }
}
