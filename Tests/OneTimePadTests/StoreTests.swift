// SPDX-License-Identifier: GPL-3.0-or-later
import FaultStorage
import QWaveCore
import TestSupport
import Testing

@testable import OneTimePad

@Suite struct StoreTests {
    @Test func `a reservation follows the table of the specification, and a crash burns no more than it`()
        throws
    {
        var pair = try Pair()
        try pair.add(0, bytes: 1024)
        // free/16 = 64 of 1024.
        _ = try pair.alice.reserve(1).count
        var status = try pair.alice.status().outgoing
        #expect(status == PadStatus.Stream(generated: 1024, used: 1, burnt: 0, reserved: 63, free: 960))
        _ = try pair.alice.reserve(63).count
        #expect(try pair.alice.status().outgoing.reserved == 0)
        try pair.reopen(.initiator, orderly: false)
        #expect(try pair.alice.status().outgoing.burnt == 64)
        _ = try pair.alice.reserve(10).count
        try pair.reopen(.initiator, orderly: false)
        status = try pair.alice.status().outgoing
        // The journal knew of nothing used since its last commit: on doubt all of it is burnt.
        #expect(status == PadStatus.Stream(generated: 1024, used: 0, burnt: 128, reserved: 0, free: 896))
        // A need above the batch reserves its need, and an orderly close loses nothing.
        _ = try pair.alice.reserve(500).count
        _ = try pair.alice.reserve(30).count
        try pair.reopen(.initiator)
        status = try pair.alice.status().outgoing
        #expect(status == PadStatus.Stream(generated: 1024, used: 530, burnt: 128, reserved: 0, free: 366))
    }

    @Test func `a large pad reserves 4 KiB at a time`() throws {
        let pair = try Pair()
        try pair.add(0, bytes: 200_000)
        _ = try pair.alice.reserve(1).count
        #expect(try pair.alice.status().outgoing.reserved == 4095)
    }

    @Test(arguments: [(64, 64), (160, 64), (512, 64), (1024, 128), (8192, 1024), (100_000, 1024)])
    func `the floor is the eighth of what is free, between 64 bytes and 1 KiB`(bytes: Int, floor: Int) throws
    {
        let pair = try Pair()
        try pair.add(0, bytes: bytes)
        let spendable = bytes - floor
        #expect(try pair.alice.status().floor == UInt64(floor))
        let before = try pair.alice.status()
        #expect(code { _ = try pair.alice.reserve(spendable + 1).count } == .refused)
        #expect(code { _ = try Wrapper(pair.alice).wrap([UInt8](repeating: 0, count: bytes)) } == .refused)
        #expect(try pair.alice.status() == before)
        if spendable > 0 { #expect(try pair.alice.reserve(spendable).count == spendable) }
        // Control frames may use what is kept.
        #expect(try pair.alice.allot(floor, frames: 1, belowFloor: true).whole.count == floor)
    }

    @Test func `a refused wrap says how much is missing`() throws {
        let pair = try Pair()
        try pair.add(0, bytes: 1024)
        do {
            _ = try Wrapper(pair.alice).wrap([UInt8](repeating: 0, count: 1000))
            Issue.record("it was not refused")
        } catch {
            // 1000 + 8 + 16 of 1024 - 128.
            #expect(error.code == .refused && error.message.contains("128 bytes are missing"))
        }
    }

    @Test func `an input that fails in the middle costs nothing`() throws {
        struct Broken: ByteInput {
            var left = 2
            let remaining: Int? = nil
            mutating func read(_ count: Int) throws(QWaveError) -> [UInt8] {
                left -= 1
                if left < 0 { throw QWaveError(.badInput, "planted") }
                return [UInt8](repeating: 1, count: count)
            }
        }
        let pair = try Pair()
        try pair.add(0, bytes: 200_000)
        let before = try pair.alice.status()
        var input = Broken()
        var output = MemoryOutput()
        #expect(code { try Wrapper(pair.alice).wrap(&input, to: &output) } == .badInput)
        #expect(try pair.alice.status() == before && output.bytes.isEmpty)
    }

    @Test func `an output that fails is told, and never makes a byte be used again`() throws {
        struct Full: ByteOutput {
            mutating func write(_ bytes: Span<UInt8>) throws(QWaveError) {
                throw QWaveError(.storage, "planted")
            }
        }
        var pair = try Pair()
        try pair.add(0, bytes: 4096)
        var full = Full()
        var input = MemoryInput([1, 2, 3])
        #expect(code { try Wrapper(pair.alice).wrap(&input, to: &full) } == .storage)
        let wrapped = try Wrapper(pair.alice).wrap([4])
        #expect(try FrameHeader(Array(wrapped.prefix(36))).padOffset == 27)
        input = MemoryInput(wrapped)
        #expect(code { try Opener(pair.bob).unwrap(&input, to: &full) } == .storage)
        #expect(code { _ = try Opener(pair.bob).unwrap(wrapped) } == .notAuthenticated)
        try pair.reopen(.initiator)
        #expect(try pair.alice.status().outgoing.used == 52)
    }

    @Test func `a pad refuses beyond its sum of epsilon, and counts each opened block once`() throws {
        let pair = try Pair()
        for number in 0..<3 { try pair.add(UInt64(number), bytes: 256, epsilon: 0x1p-31) }
        #expect(try pair.alice.status().epsilonSum == 0)
        _ = try pair.alice.reserve(200).count
        #expect(try pair.alice.status().epsilonSum == 0x1p-31)
        // A tag of a message to here is within the same block: no new charge but its own bound, 2^-126.
        _ = try Opener(pair.bob).unwrap(Wrapper(pair.alice).wrap([]))
        #expect(abs(try pair.bob.status().epsilonSum - 0x1p-31) < 0x1p-100)
        _ = try pair.alice.reserve(100).count
        #expect(try pair.alice.status().epsilonSum >= 0x1p-30)
        #expect(code { _ = try pair.alice.reserve(200).count } == .refused)
    }

    @Test func `levels of assurance aren't mixed unless told`() throws {
        let pair = try Pair()
        try pair.add(0, bytes: 256, assurance: "model")
        try pair.add(1, bytes: 2560, assurance: "model+90B")
        #expect(code { _ = try pair.alice.reserve(257).count } == .refused)
        #expect(try pair.alice.reserve(256).count == 256)
        #expect(code { _ = try pair.alice.reserve(1).count } == .refused)
        #expect(try pair.alice.status().assurance == ["model", "model+90B"])
        var policy = PadPolicy()
        policy.mixesAssurance = true
        let mixing = try Pair(policy: policy)
        try mixing.add(0, bytes: 256, assurance: "model")
        try mixing.add(1, bytes: 2560, assurance: "model+90B")
        #expect(try mixing.alice.reserve(1000).count == 1000)
    }

    @Test func `keys travel with their identifiers and lengths`() throws {
        let pair = try Pair()
        try pair.add(0, bytes: 65536)
        let keys = try (0..<40).map { index in
            try WrappedKey(
                id: seededBytes(16, seed: UInt64(index)),
                key: SecretBuffer(copying: seededBytes(index < 30 ? 32 : 48, seed: UInt64(100 + index))))
        }
        var output = MemoryOutput()
        let report = try Wrapper(pair.alice, bodyLimit: 512).wrapKeys(keys, to: &output)
        // 10 keys of 32 bytes fit 512 with their identifiers and 8 clear bytes; 7 of 48.
        #expect(report.frames == 5 && report.keys == 40 && report.padBytes == 30 * 32 + 10 * 48 + 5 * 16)
        #expect(output.bytes.count == 5 * (52 + 8) + 40 * 16 + 30 * 32 + 10 * 48)
        var changed = output.bytes
        for index in stride(from: 0, to: changed.count, by: 5) {
            changed[index] ^= 8
            #expect(code { _ = try Opener(pair.bob).unwrapKeysOf(changed) } == .notAuthenticated)
            changed[index] ^= 8
        }
        let opened = try Opener(pair.bob).unwrapKeysOf(output.bytes)
        #expect(opened.map(\.id) == keys.map(\.id))
        #expect(zip(opened, keys).allSatisfy { $0.key.isEqual(to: $1.key) })
        #expect(code { _ = try Opener(pair.bob).unwrapKeysOf(output.bytes) } == .notAuthenticated)
    }

    @Test func `a frame for a block that is only pending here is refused, and accepted once it is usable`()
        throws
    {
        let pair = try Pair()
        for store in [pair.alice, pair.bob] {
            try store.addPending(
                .test(0), sequence: 0, key: seededKey(bytes: 2048, seed: 0), epsilon: 0x1p-40,
                assurance: "model")
        }
        #expect(code { _ = try pair.alice.reserve(1).count } == .refused)
        try pair.alice.markUsable(.test(0))
        let wrapped = try Wrapper(pair.alice).wrap([7])
        #expect(code { _ = try Opener(pair.bob).unwrap(wrapped) } == .notAuthenticated)
        #expect(try pair.bob.status().pendingBlocks == 1 && pair.bob.status().pendingBytes == 1024)
        try pair.bob.reconcile([.test(0): pair.alice.answer([.test(0)])[0]])
        #expect(try Opener(pair.bob).unwrap(wrapped) == [7])
    }

    @Test func `a segment ends at one MiB, and files go when their bytes are used`() throws {
        let pair = try Pair()
        let half = (1 << 20) + 4096
        try pair.add(0, bytes: half)
        let disk = pair.disks[.initiator]!
        #expect(try disk.names().filter { $0.hasSuffix(".pad") }.count == 4)
        var witness = Witness()
        try witness.reserve((1 << 20) + 100, pair.alice)
        #expect(try disk.names().filter { $0.hasSuffix(".pad") }.count == 3)
        let stream = CrashTests.expected([(0, half)])
        #expect(witness.given.allSatisfy { stream[Int($0)] == $1 })
    }

    @Test func `the status is one JSON object with every figure`() throws {
        let pair = try Pair()
        try pair.add(0, bytes: 1024)
        let status = try pair.alice.status()
        #expect(
            status.link.count == 16 && status.role == "initiator" && status.name == "test" && status.isLow)
        #expect(status.spendable == 896 && status.usableBlocks == 1 && status.assurance == ["model"])
        #expect(status.enrolledOutgoing.free == 1008 && balance(status))
    }
}
