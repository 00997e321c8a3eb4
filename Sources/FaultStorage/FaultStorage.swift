// SPDX-License-Identifier: GPL-3.0-or-later
package import OneTimePad
package import QWaveCore
package import Synchronization

/// A disk in memory that remembers what was flushed, and stops, or fails, at any operation.
///
/// Every operation that changes the disk counts as a step. At step `stopAfter` the machine loses power: that step and
/// all later ones throw, and `crashed(_:)` builds the disk that is found afterwards.
package final class FaultStorage: Storage {
    /// What a power loss leaves of writes that weren't flushed.
    package enum Loss: Equatable, Sendable {
        /// Everything reached the medium.
        case nothing
        /// Only the process died: what wasn't flushed is still in memory, and still may be lost later.
        case process
        /// Nothing that wasn't flushed did.
        case unflushed
        /// A random part of the writes did, the last of them torn; so did a random part of the names.
        case random(UInt64)
    }

    package struct Contents: Sendable {
        package var durable: [UInt8] = []
        package var current: [UInt8] = []
        /// Writes since the last flush, as they came.
        package var writes: [(offset: Int, bytes: [UInt8])] = []
    }
    package struct Disk: Sendable {
        package var files: [Int: Contents] = [:]
        package var names: [String: Int] = [:]
        package var durableNames: [String: Int] = [:]
        package var nextFile = 0
        package var steps = 0
        package var stopAfter: Int?
        package var failAt: Int?
        package var skipsSync = false
        /// Every byte given to `write` while `keepsWrites` is set, to look for secrets where they mustn't be.
        package var keepsWrites = false
        package var written: [String: [[UInt8]]] = [:]
    }

    package let disk: Mutex<Disk>
    package let place = "memory"

    package init(_ disk: consuming sending Disk = Disk()) { self.disk = Mutex(disk) }

    package static let powerLoss = QWaveError(.storage, "planted power loss")

    /// Counts a step, and throws where the plan says so.
    static func step(_ disk: inout Disk) throws(QWaveError) {
        disk.steps += 1
        if let stop = disk.stopAfter, disk.steps > stop { throw powerLoss }
        if disk.failAt == disk.steps { throw QWaveError(.storage, "planted failure of step \(disk.steps)") }
    }

    package func withDisk<R: Sendable>(_ body: (inout Disk) throws(QWaveError) -> R) throws(QWaveError) -> R {
        try disk.withLock { (disk: inout sending Disk) throws(QWaveError) -> R in try body(&disk) }
    }

    package var steps: Int { disk.withLock { $0.steps } }
    package func plan(stopAfter: Int? = nil, failAt: Int? = nil) {
        disk.withLock {
            $0.steps = 0
            $0.stopAfter = stopAfter
            $0.failAt = failAt
        }
    }
    package func skipSyncs() { disk.withLock { $0.skipsSync = true } }

    package func names() throws(QWaveError) -> [String] { try withDisk { $0.names.keys.sorted() } }

    package func file(_ name: String) throws(QWaveError) -> any StoredFile {
        try withDisk { (disk) throws(QWaveError) in
            guard let number = disk.names[name] else { throw QWaveError(.unavailable, "\(name) isn't there") }
            return FaultFile(self, number, name)
        }
    }

    package func newFile(_ name: String) throws(QWaveError) -> any StoredFile {
        try withDisk { (disk) throws(QWaveError) in
            try Self.step(&disk)
            guard disk.names[name] == nil else { throw QWaveError(.storage, "\(name) exists") }
            disk.nextFile += 1
            disk.files[disk.nextFile] = Contents()
            disk.names[name] = disk.nextFile
            return FaultFile(self, disk.nextFile, name)
        }
    }

    package func remove(_ name: String) throws(QWaveError) {
        try withDisk { (disk) throws(QWaveError) in
            try Self.step(&disk)
            guard disk.names.removeValue(forKey: name) != nil else {
                throw QWaveError(.unavailable, "\(name) isn't there")
            }
        }
    }

    package func syncNames() throws(QWaveError) {
        try withDisk { (disk) throws(QWaveError) in
            try Self.step(&disk)
            if !disk.skipsSync { disk.durableNames = disk.names }
        }
    }

    package func release() {}

    /// The disk that is found after the power came back.
    package func crashed(_ loss: Loss) -> FaultStorage {
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
        var random = Dice(seed: { if case .random(let seed) = loss { seed } else { 0 } }())
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
    package func contents(_ name: String) -> [UInt8]? {
        disk.withLock { disk in disk.names[name].flatMap { disk.files[$0]?.current } }
    }

    /// Changes a file behind everybody's back, durably.
    package func damage(_ name: String, _ change: (inout [UInt8]) -> Void) {
        disk.withLock { disk in
            guard let number = disk.names[name], var file = disk.files[number] else { return }
            change(&file.current)
            file.durable = file.current
            disk.files[number] = file
        }
    }
}

/// SplitMix64: a crash is the same for the same seed.
private struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
