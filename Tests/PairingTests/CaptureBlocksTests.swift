// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Pairing

@Suite struct CaptureBlocksTests {
    private func numbers(_ trace: ChannelTrace) -> [UInt64] {
        (0..<trace.count).compactMap { trace.sequence(at: $0) }
    }

    @Test func `blocks hold every pair once, in order, whatever was lost at either end`() throws {
        let (alice, bob) = Traces.pair(10_000)
        let heardByAlice = alice.selecting((0..<10_000).filter { $0 % 7 != 0 })
        let heardByBob = bob.selecting((0..<10_000).filter { $0 % 5 != 0 && $0 > 3_000 })
        let blocks = try CaptureBlocks(initiator: heardByAlice, responder: heardByBob, pairs: 2_000).blocks
        let common = (3_001..<10_000).filter { $0 % 7 != 0 && $0 % 5 != 0 }.map(UInt64.init)
        #expect(blocks.flatMap { numbers($0.initiator) } == common)
        for block in blocks { #expect(numbers(block.initiator) == numbers(block.responder)) }
        // 4,800 pairs: two blocks, the rest of 800 in the second.
        #expect(blocks.map(\.initiator.count) == [2_000, common.count - 2_000])
    }

    @Test func `one block is the captures, and one that commissions nothing is refused`() throws {
        let (alice, bob) = Traces.pair(3_000)
        #expect(try CaptureBlocks(initiator: alice, responder: bob, pairs: 100_000).blocks.count == 1)
        #expect(throws: QWaveError.self) {
            try CaptureBlocks(initiator: alice, responder: bob, pairs: 100)
        }
    }
}
