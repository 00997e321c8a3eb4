// SPDX-License-Identifier: GPL-3.0-or-later
import FaultStorage
import QWaveCore
import TestSupport
import Testing

@testable import OneTimePad

@Suite struct FrameTests {
    @Test func `a header has the 36 bytes of the specification`() throws {
        let header = FrameHeader(
            type: .keyWrap, linkID: 0x0102_0304_0506_0708, epoch: 1, sequence: 9, padOffset: 0x1_0000,
            bodyLength: 0x2_0001)
        #expect(
            header.bytes == [
                0x51, 0x57, 1, 3, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0,
                1, 0, 0, 0, 2,
                0, 1,
            ])
        #expect(try FrameHeader(header.bytes) == header)
    }

    @Test(arguments: [0, 1, 15, 16, 17, 1000, 65515, 65516, 65517, 65535, 65536, 65537, 200_000])
    func `what is wrapped at one end is opened at the other`(size: Int) throws {
        var pair = try Pair()
        try pair.add(0, bytes: 300_000)
        let message = seededBytes(size, seed: 3)
        let wrapped = try Wrapper(pair.alice).wrap(message)
        let frames = max(1, (size + 65515) / 65516)
        #expect(wrapped.count == size + 8 + frames * (52 + 12))
        #expect(try Opener(pair.bob).unwrap(wrapped) == message)
        #expect(try pair.alice.status().outgoing.used == UInt64(size + 8 + 16 * frames))
        #expect(try pair.bob.status().incoming.used == UInt64(size + 8 + 16 * frames))
        // And the other way, streaming, after both were opened again.
        try pair.reopen(.initiator)
        try pair.reopen(.responder)
        let back = try Wrapper(pair.bob).wrap(message)
        #expect(try Opener(pair.alice).unwrap(back, isStreaming: true) == message)
        #expect(back != wrapped)
    }

    @Test func `ciphertext and mask are the pad bytes of the own half at the said offset`() throws {
        let pair = try Pair()
        try pair.add(0, bytes: 1600)
        let message = seededBytes(100, seed: 4)
        _ = try Wrapper(pair.bob).wrap([])
        let wrapped = try Wrapper(pair.bob).wrap(message)
        // Bit i is bit i mod 8 of byte i/8; the responder sends under the second half.
        let key = seededKey(bytes: 3200, seed: 0)
        var half: [UInt8] = []
        key.withBytes { bytes in for index in 1600..<3200 { half.append(bytes[index]) } }
        let header = try FrameHeader(Array(wrapped.prefix(36)))
        #expect(header.padOffset == 24 && header.sequence == 1 && header.type == .data)
        let cipher = wrapped[48..<148]
        #expect(zip(cipher, half[24 + 16..<24 + 116]).map { $0 ^ $1 } == message)
    }

    @Test func `every changed byte of a message is refused, and nothing is consumed`() throws {
        let pair = try Pair()
        try pair.add(0, bytes: 4096)
        let message = seededBytes(150, seed: 5)
        let wrapped = try Wrapper(pair.alice, bodyLimit: 64).wrap(message)
        let before = try pair.bob.status().incoming
        var random = SplitMix64(seed: 1)
        for index in wrapped.indices {
            var changed = wrapped
            changed[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            let failure = code { _ = try Opener(pair.bob).unwrap(changed) }
            #expect(failure == .notAuthenticated, "byte \(index)")
        }
        #expect(try pair.bob.status().incoming == before)
        #expect(try Opener(pair.bob).unwrap(wrapped) == message)
    }

    @Test func `every truncation, and every addition, is refused`() throws {
        let pair = try Pair()
        try pair.add(0, bytes: 4096)
        let message = seededBytes(100, seed: 6)
        let wrapped = try Wrapper(pair.alice, bodyLimit: 64).wrap(message)
        for count in 0..<wrapped.count {
            #expect(
                code { _ = try Opener(pair.bob).unwrap(Array(wrapped.prefix(count))) } == .notAuthenticated)
        }
        #expect(code { _ = try Opener(pair.bob).unwrap(wrapped + [0]) } == .notAuthenticated)
        #expect(code { _ = try Opener(pair.bob).unwrap(wrapped + wrapped) } == .notAuthenticated)
        #expect(try Opener(pair.bob).unwrap(wrapped) == message)
    }

    /// The frames of a wrapped message.
    static func frames(_ bytes: [UInt8]) throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = 52 + (try FrameHeader(Array(rest.prefix(36)))).bodyLength
            frames.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return frames
    }

    @Test func `frames that are moved, left out, repeated or spliced with another message are refused`()
        throws
    {
        let pair = try Pair()
        try pair.add(0, bytes: 4096)
        let first = try Wrapper(pair.alice, bodyLimit: 64).wrap(seededBytes(170, seed: 7))
        let second = try Wrapper(pair.alice, bodyLimit: 64).wrap(seededBytes(170, seed: 8))
        let a = try Self.frames(first)
        let b = try Self.frames(second)
        #expect(a.count == 4 && b.count == 4)
        let wrong: [[[UInt8]]] = [
            [a[1], a[0], a[2], a[3]], [a[0], a[1], a[3]], [a[0], a[0], a[1], a[2], a[3]],
            [a[0], a[1], b[2], b[3]],
            Array(a[1...]), Array(a[..<3]), a + b, [a[0], a[1], a[2], b[0], b[1], b[2], b[3]], [b[3]],
        ]
        for (index, frames) in wrong.enumerated() {
            let failure = code { _ = try Opener(pair.bob).unwrap(frames.flatMap { $0 }) }
            #expect(failure == .notAuthenticated, "case \(index)")
        }
        #expect(try Opener(pair.bob).unwrap(first) == seededBytes(170, seed: 7))
        #expect(try Opener(pair.bob).unwrap(second) == seededBytes(170, seed: 8))
    }

    @Test func `a replay is refused, at once and after a restart`() throws {
        var pair = try Pair()
        try pair.add(0, bytes: 4096)
        let wrapped = try Wrapper(pair.alice).wrap([1, 2, 3])
        #expect(try Opener(pair.bob).unwrap(wrapped) == [1, 2, 3])
        #expect(code { _ = try Opener(pair.bob).unwrap(wrapped) } == .notAuthenticated)
        for orderly in [true, false] {
            try pair.reopen(.responder, orderly: orderly)
            #expect(code { _ = try Opener(pair.bob).unwrap(wrapped) } == .notAuthenticated)
        }
    }

    @Test func `a message that was passed over is accepted in the same run and refused after a restart`()
        throws
    {
        var pair = try Pair()
        try pair.add(0, bytes: 8192)
        let messages = try (0..<5).map { try Wrapper(pair.alice).wrap([UInt8($0)]) }
        #expect(try Opener(pair.bob).unwrap(messages[3]) == [3])
        #expect(try Opener(pair.bob).unwrap(messages[1]) == [1])
        #expect(code { _ = try Opener(pair.bob).unwrap(messages[1]) } == .notAuthenticated)
        #expect(try Opener(pair.bob).unwrap(messages[2]) == [2])
        let status = try pair.bob.status().incoming
        #expect(status.used == 75 && status.burnt == 25)
        try pair.reopen(.responder)
        #expect(code { _ = try Opener(pair.bob).unwrap(messages[0]) } == .notAuthenticated)
        #expect(try Opener(pair.bob).unwrap(messages[4]) == [4])
    }

    @Test func `an own message that comes back, and one of another link, are refused`() throws {
        let pair = try Pair()
        let other = try Pair(seed: 2)
        try pair.add(0, bytes: 4096)
        try other.add(0, bytes: 4096)
        let wrapped = try Wrapper(pair.alice).wrap([1])
        #expect(code { _ = try Opener(pair.alice).unwrap(wrapped) } == .notAuthenticated)
        #expect(code { _ = try Opener(other.bob).unwrap(wrapped) } == .notAuthenticated)
        #expect(code { _ = try Opener(pair.bob).unwrapKeysOf(wrapped) } == .notAuthenticated)
        #expect(try Opener(pair.bob).unwrap(wrapped) == [1])
    }

    @Test func `pads that differ in one byte are noticed, though every tag is right`() throws {
        let pair = try Pair()
        try pair.add(0, bytes: 4096)
        let wrapped = try Wrapper(pair.alice).wrap(seededBytes(100, seed: 1))
        pair.disks[.responder]!.damage("\(ExchangeID.test(0))-0-0.pad") { $0[60] ^= 4 }
        #expect(code { _ = try Opener(pair.bob).unwrap(wrapped) } == .notAuthenticated)
        #expect(try pair.bob.status().incoming.used == 0)
    }

    @Test func `failed checks are counted over restarts, raise the alarm and lock the pad`() throws {
        let alarms = Counter()
        var policy = PadPolicy()
        policy.alarmAfter = 4
        policy.lockAfter = 12
        policy.failureDelay = .zero
        policy.onAlarm = { alarms.add($0) }
        var pair = try Pair(policy: policy)
        try pair.add(0, bytes: 4096)
        let wrapped = try Wrapper(pair.alice).wrap([9])
        var forged = wrapped
        forged[forged.count - 1] ^= 1
        for _ in 0..<6 { _ = code { _ = try Opener(pair.bob).unwrap(forged) } }
        try pair.reopen(.responder, policy: policy)
        #expect(try pair.bob.status().failedChecks == 6)
        for _ in 0..<8 { _ = code { _ = try Opener(pair.bob).unwrap(forged) } }
        #expect(alarms.values == [4, 8, 12])
        #expect(try pair.bob.status().isLocked)
        #expect(code { _ = try Opener(pair.bob).unwrap(wrapped) } == .notAuthenticated)
    }

    @Test func `in a stream frames are released one by one, and a bad one ends it`() throws {
        let pair = try Pair()
        try pair.add(0, bytes: 4096)
        let message = seededBytes(170, seed: 7)
        var wrapped = try Wrapper(pair.alice, bodyLimit: 64).wrap(message)
        wrapped[wrapped.count - 1] ^= 1
        var input = MemoryInput(wrapped)
        var output = MemoryOutput()
        #expect(
            code { try Opener(pair.bob).unwrap(&input, to: &output, isStreaming: true) } == .notAuthenticated)
        #expect(output.bytes == Array(message.prefix(132)))
    }
}

extension Opener {
    func unwrapKeysOf(_ bytes: [UInt8]) throws(QWaveError) -> [WrappedKey] {
        var input = MemoryInput(bytes)
        return try unwrapKeys(&input)
    }
}
