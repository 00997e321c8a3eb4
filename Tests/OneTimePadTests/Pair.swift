// SPDX-License-Identifier: GPL-3.0-or-later
import FaultStorage
import Foundation
import QWaveCore
import Synchronization
import TestSupport

@testable import OneTimePad

extension ExchangeID {
    static func test(_ number: UInt64) -> ExchangeID {
        var random = SplitMix64(seed: number &* 77 &+ 5)
        return ExchangeID(high: random.next(), low: number)
    }
}

/// A key for a test, the same for the same seed.
func seededKey(bytes: Int, seed: UInt64) -> SecretKey {
    SecretKey(bits: BitString.seeded(count: bytes * 8, seed: seed))
}

func seededBytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
}

extension PadPolicy {
    /// The usual one, without waits: tests spend masks by the dozen.
    static var hurried: PadPolicy {
        var policy = PadPolicy()
        policy.backoffAfter = .max
        return policy
    }
}

extension Enrollment {
    /// The same secret for both ends, without files.
    static func test(_ role: Party.Role, bytes: Int = 2048, seed: UInt64 = 1) throws -> Enrollment {
        let masks = (bytes - 32) / 2
        return Enrollment(
            identity: LinkIdentity(
                role: role, linkID: 0xABCD_0000_0000_0000 + seed, label: "test", maskBytes: masks),
            secret: SecretBox(SecretBuffer(copying: seededBytes(32 + 2 * masks, seed: seed))))
    }
}

/// Both ends' pads over disks in memory.
struct Pair {
    var disks: [Party.Role: FaultStorage] = [:]
    var stores: [Party.Role: PadStore] = [:]

    static func storage(_ role: Party.Role, seed: UInt64 = 1, bytes: Int = 2048) throws -> FaultStorage {
        let storage = FaultStorage()
        try PadStore.create(in: storage, Enrollment.test(role, bytes: bytes, seed: seed))
        return storage
    }

    init(seed: UInt64 = 1, policy: PadPolicy = .hurried) throws {
        for role in [Party.Role.initiator, .responder] {
            let storage = try Self.storage(role, seed: seed)
            disks[role] = storage
            stores[role] = try PadStore(storage: storage, policy: policy)
        }
    }

    var alice: PadStore { stores[.initiator]! }
    var bob: PadStore { stores[.responder]! }

    /// A block that both ends hold, usable, of `bytes` each direction.
    func add(
        _ number: UInt64, bytes: Int, epsilon: Double = 0x1p-40, assurance: String = "model"
    ) throws {
        for store in [alice, bob] {
            try store.addPending(
                .test(number), sequence: number, key: seededKey(bytes: 2 * bytes, seed: number),
                epsilon: epsilon,
                assurance: assurance)
            try store.markUsable(.test(number))
        }
    }

    /// Opens an end again, after a close or without one.
    mutating func reopen(_ role: Party.Role, orderly: Bool = true, policy: PadPolicy = .hurried) throws {
        if orderly { try stores[role]!.close() }
        // Without a close the disk is taken as it stands, so that deinit's close can't touch it.
        let disk = orderly ? disks[role]! : disks[role]!.crashed(.unflushed)
        disks[role] = disk
        stores[role] = try PadStore(storage: disk, policy: policy)
    }
}

extension Wrapper {
    func wrap(_ bytes: [UInt8]) throws(QWaveError) -> [UInt8] {
        var input = MemoryInput(bytes)
        var output = MemoryOutput()
        try wrap(&input, to: &output)
        return output.bytes
    }
}

extension Opener {
    func unwrap(_ bytes: [UInt8], isStreaming: Bool = false) throws(QWaveError) -> [UInt8] {
        var input = MemoryInput(bytes)
        var output = MemoryOutput()
        do { try unwrap(&input, to: &output, isStreaming: isStreaming) } catch {
            // What a refused message released is an assertion of its own in the streaming tests.
            if !isStreaming && !output.bytes.isEmpty { throw QWaveError(.internalFault, "plaintext leaked") }
            throw error
        }
        return output.bytes
    }
}

/// The code of the error that `body` throws, or nil.
func code(_ body: () throws -> Void) -> QWaveError.Code? {
    do {
        try body()
        return nil
    } catch {
        return (error as? QWaveError)?.code
    }
}

/// Numbers that callbacks leave behind.
final class Counter: Sendable {
    private let state = Mutex<[UInt64]>([])
    func add(_ value: UInt64) { state.withLock { $0.append(value) } }
    var values: [UInt64] { state.withLock { $0 } }
}
