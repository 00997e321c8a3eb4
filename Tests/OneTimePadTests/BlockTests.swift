// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import OneTimePad

@Suite struct BlockTests {
    private func add(_ store: PadStore, _ number: UInt64, sequence: UInt64? = nil, bytes: Int = 64) throws {
        try store.addPending(
            .test(number), sequence: sequence ?? number, key: seededKey(bytes: 2 * bytes, seed: number),
            epsilon: 0x1p-40, assurance: "model")
    }

    @Test func `a usable block waits for every earlier one that is pending, in any order of commits`() throws
    {
        let pair = try Pair()
        let alice = pair.alice
        for number: UInt64 in [2, 5, 9] { try add(alice, number) }
        try alice.markUsable(.test(9))
        try alice.markUsable(.test(5))
        #expect(try alice.status().outgoing.generated == 0)
        #expect(try alice.knows(.test(9)) == .usable)
        #expect(try alice.uncertain() == [UncertainExchange(id: .test(2), sequence: 2)])
        try alice.burn(.test(2))
        #expect(try alice.status().outgoing.generated == 128)
        let order = try alice.withState { (state: inout PadState) in
            state.table.placed.map { state.table.blocks[$0].sequence }
        }
        #expect(order == [5, 9])
        #expect(try alice.nextSequence() == 10)
    }

    @Test func `decisions are final, and an identifier or a passed sequence comes in once`() throws {
        let pair = try Pair()
        let alice = pair.alice
        try add(alice, 1)
        try add(alice, 2)
        try alice.markUsable(.test(1))
        try alice.markUsable(.test(1))
        try alice.burn(.test(2))
        #expect(code { try alice.burn(.test(1)) } == .protocolViolation)
        #expect(code { try alice.markUsable(.test(2)) } == .protocolViolation)
        #expect(code { try alice.markUsable(.test(3)) } == .protocolViolation)
        #expect(code { try add(alice, 1, sequence: 7) } == .protocolViolation)
        #expect(code { try add(alice, 2, sequence: 7) } == .protocolViolation)
        #expect(code { try add(alice, 4, sequence: 1) } == .protocolViolation)
        #expect(code { try add(alice, 4, sequence: 0) } == .protocolViolation)
        try add(alice, 4, sequence: 8)
        #expect(code { try add(alice, 5, sequence: 8) } == .protocolViolation)
    }

    @Test func `an answer of unknown binds`() throws {
        var pair = try Pair()
        #expect(try pair.bob.answer([.test(1), .test(2)]) == [.unknown, .unknown])
        try pair.reopen(.responder, orderly: false)
        #expect(code { try add(pair.bob, 1) } == .protocolViolation)
        #expect(try pair.bob.knows(.test(2)) == .burnt)
        #expect(try pair.bob.answer([.test(1)]) == [.burnt])
    }

    @Test func `held by both is usable, held by one is burnt`() throws {
        let pair = try Pair()
        for number: UInt64 in 0..<3 { try add(pair.alice, number) }
        for number: UInt64 in 1..<4 { try add(pair.bob, number) }
        try pair.bob.markUsable(.test(1))
        for (asking, other) in [(pair.alice, pair.bob), (pair.bob, pair.alice)] {
            let asked = try asking.uncertain().map(\.id)
            try asking.reconcile(Dictionary(uniqueKeysWithValues: zip(asked, other.answer(asked))))
        }
        for store in [pair.alice, pair.bob] {
            #expect(try (0..<4).map { try store.knows(.test($0)) } == [.burnt, .usable, .usable, .burnt])
            #expect(try store.status().outgoing.generated == 128)
        }
    }

    @Test func `keys of other lengths and impossible figures are refused`() throws {
        let pair = try Pair()
        for bits in [0, 8, 128, 255, 257, 384] {
            let key = SecretKey(bits: BitString(count: bits))
            let failure = code {
                try pair.alice.addPending(
                    .test(0), sequence: 0, key: key, epsilon: 0x1p-40, assurance: "model")
            }
            #expect(failure == .badInput, "\(bits) bits")
        }
        for epsilon in [-1.0, 1, .nan, .infinity] {
            let failure = code {
                try pair.alice.addPending(
                    .test(0), sequence: 0, key: seededKey(bytes: 64, seed: 0), epsilon: epsilon,
                    assurance: "model")
            }
            #expect(failure == .badInput)
        }
    }

    @Test func `what was written is found again`() throws {
        var pair = try Pair()
        try pair.alice.addPending(
            .test(1), sequence: 17, key: seededKey(bytes: 64, seed: 1), epsilon: 0x1.8p-38,
            assurance: "model+90B",
            certificateDigest: [1, 2, 3])
        try pair.alice.markUsable(.test(1))
        try pair.reopen(.initiator, orderly: false)
        let block = try pair.alice.withState { (state: inout PadState) in state.table.block(.test(1)) }
        #expect(block?.sequence == 17 && block?.epsilon == 0x1.8p-38 && block?.assurance == "model+90B")
        #expect(block?.digest == [1, 2, 3] && block?.half == 32 && block?.start == 0)
    }

    @Test func `an exchange identifier is 32 digits, there and back`() throws {
        let id = try ExchangeID(Array(0..<16))
        #expect(id.description == "000102030405060708090a0b0c0d0e0f" && id.bytes == Array(0..<16))
        #expect(code { _ = try ExchangeID([1, 2]) } == .badInput)
    }
}
