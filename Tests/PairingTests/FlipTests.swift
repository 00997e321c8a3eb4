// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Pairing

/// One bit of one message changed on its way.
@Suite struct FlipTests {
    static let captures = Traces.pair()

    static func flip(_ bit: Int) -> @Sendable ([UInt8]) -> [UInt8] {
        { message in
            var message = message
            if bit / 8 < message.count { message[bit / 8] ^= 1 << UInt8(bit % 8) }
            return message
        }
    }

    /// The first message of each type from each sender.
    static func firsts(_ wire: Wire) -> [Said] {
        var seen: Set<[UInt8]> = []
        return wire.said.filter { seen.insert([$0.sender.rawValue, $0.bytes.first ?? 0]).inserted }
    }

    @Test func `the set-up of these tests makes a key and says no ABORT`() async throws {
        let wire = Wire()
        let result = try await Bench().run(Self.captures, over: wire)
        ReplayTests.expectKeys(try result.initiator.get(), try result.responder.get())
        #expect(wire.aborts == 0)
        // The order of an exchange, by type.
        let types = Self.firsts(wire).map { [$0.sender.rawValue, $0.bytes[0]] }
        #expect(
            types == [
                [0, 0x01], [1, 0x01], [0, 0x02], [1, 0x02], [0, 0x03], [1, 0x03], [0, 0x04], [1, 0x04],
                [0, 0x05], [0, 0x06], [1, 0x06], [0, 0x10], [0, 0x11], [0, 0x20], [1, 0x22], [0, 0x21],
                [0, 0x30], [1, 0x31], [0, 0x60], [1, 0x60], [0, 0x40], [1, 0x41], [0, 0x50], [0, 0x51],
            ])
        #expect(wire.said.last?.bytes.first == 0x60 && wire.said.last?.sender == .responder)
        for said in wire.said(by: .initiator).suffix(1) { #expect(said.bytes[0] == 0x60) }
    }

    /// Every byte of short messages, a sample of long ones.
    private static func bits(_ said: Said, _ random: inout SplitMix64, sample: Int) -> [Int] {
        let count = said.bytes.count
        let places =
            count <= 32
            ? Array(0..<count)
            : [0, 1, count - 1] + (0..<sample - 3).map { _ in Int.random(in: 0..<count, using: &random) }
        return places.map { $0 * 8 + Int.random(in: 0..<8, using: &random) }
    }

    private static func expectNoKey(_ said: Said, _ bits: [Int]) async throws {
        for bit in bits {
            let wire = Wire(spoiling(said.sender, said.index, flip(bit)))
            let result = try await Bench().run(captures, over: wire)
            let name: Comment = "type \(said.bytes[0]) of \(said.sender), message \(said.index), bit \(bit)"
            #expect(!result.hung, name)
            #expect(result.initiator.key == nil && result.responder.key == nil, name)
            // Each end says it at most once; where both found the fault by themselves both may.
            #expect((1...2).contains(wire.aborts), name)
            for role in [Party.Role.initiator, .responder] {
                #expect(wire.said(by: role).filter { $0.bytes == [SessionMessage.abort] }.count <= 1, name)
            }
        }
    }

    @Test(arguments: [0..<6, 6..<12, 12..<18, 18..<24])
    func `a flipped bit in any message but the last leaves no key at either end`(part: Range<Int>)
        async throws
    {
        let wire = Wire()
        _ = try await Bench().run(Self.captures, over: wire)
        var random = SplitMix64(seed: UInt64(part.lowerBound))
        let firsts = Self.firsts(wire)
        for said in firsts[part.clamped(to: firsts.indices)] {
            try await Self.expectNoKey(said, Self.bits(said, &random, sample: 4))
        }
    }

    @Test func `a flipped bit in the second checkpoint's first seal leaves no key`() async throws {
        let wire = Wire()
        _ = try await Bench().run(Self.captures, over: wire)
        let seal = try #require(wire.said(by: .initiator).last)
        try await Self.expectNoKey(seal, stride(from: 0, to: seal.bytes.count, by: 2).map { 8 * $0 + $0 % 8 })
    }

    @Test
    func `a flipped bit in the very last seal leaves the initiator without a key, the responder with one`()
        async throws
    {
        let wire = Wire()
        _ = try await Bench().run(Self.captures, over: wire)
        let seal = try #require(wire.said.last)
        for byte in [0, 1, 8, 9, 24] {
            let spoiled = Wire(spoiling(seal.sender, seal.index, Self.flip(8 * byte + byte % 8)))
            let result = try await Bench().run(Self.captures, over: spoiled)
            #expect(!result.hung && result.initiator.code == .notAuthenticated)
            // Nobody can tell it: without a pad and its COMMIT the responder's word was the last.
            #expect(result.responder.key != nil)
            #expect(spoiled.aborts == 1)
        }
    }

    @Test func `a random bit anywhere in a whole exchange leaves no key`() async throws {
        let wire = Wire()
        _ = try await Bench().run(Self.captures, over: wire)
        var random = SplitMix64(seed: 5)
        for _ in 0..<16 {
            let said = try #require(wire.said.dropLast().randomElement(using: &random))
            try await Self.expectNoKey(said, [Int.random(in: 0..<8 * said.bytes.count, using: &random)])
        }
    }
}
