// SPDX-License-Identifier: GPL-3.0-or-later
import Fields
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

/// The ledger against linear algebra: the two ends as a black box that maps keys to bytes.
@Suite struct LDPCRankTests {
    static let count = 192

    struct Transcript {
        var forward: [UInt8] = []
        var backward: [UInt8] = []
        var charged = 0.0
    }

    static func transcript(
        _ key: BitString, _ errors: BitString, _ frames: [KeyFrame], _ options: LDPC, _ seed: UInt64
    ) throws -> Transcript {
        var initiator = try LDPCInitiator(RawKey(bits: key, frames: frames), seed: seed, options: options)
        var responder = try LDPCResponder(RawKey(bits: key ^ errors, frames: frames), options: options)
        var said = Transcript()
        var action = initiator.opening()
        while let step = action {
            var message: ReconciliationAction<CorrectedKey>.Message?
            switch step {
            case .send(let bytes, let price): message = .init(bytes, price)
            case .finish(let last, _): message = last
            }
            guard let message else { break }
            said.forward += message.bytes
            said.charged += message.disclosure.bits
            switch try responder.receive(message.bytes) {
            case .send(let bytes, _):
                said.backward += bytes
                action = try initiator.receive(bytes)
            case .finish(let last, _):
                said.backward += last?.bytes ?? []
                action = try last.flatMap { try initiator.receive($0.bytes) }
            }
        }
        return said
    }

    @Test(arguments: 0..<9 as Range<UInt64>)
    func `with the error pattern fixed the messages are affine in the key, of rank within the ledger`(
        seed: UInt64
    ) throws {
        // The last three claim so little that the bits themselves are told in the end.
        let rate = [0.02, 0.06, 0.12][Int(seed % 3)]
        let pattern: ErrorPattern = seed < 6 ? .independent : .rate(0.45)
        let options = LDPC(frameBits: [64, 100, 192][Int(seed / 3 % 3)])
        let frames = [KeyFrame(range: 0..<Self.count, errorRate: rate)]
        let errors = pattern.errors(frames, count: Self.count, seed: seed &+ 100)
        let zero = try Self.transcript(BitString(count: Self.count), errors, frames, options, seed)
        var columns: [[UInt8]] = []
        for bit in 0..<Self.count {
            var unit = BitString(count: Self.count)
            unit[bit] = true
            let said = try Self.transcript(unit, errors, frames, options, seed)
            #expect(said.backward == zero.backward, "verdicts depend on the error pattern alone")
            try #require(said.forward.count == zero.forward.count)
            columns.append(zip(said.forward, zero.forward).map { $0 ^ $1 })
        }
        var rank = GF2Rank(width: 3)
        for index in 0..<zero.forward.count * 8 {
            var row = [UInt64](repeating: 0, count: 3)
            for bit in 0..<Self.count where columns[bit][index / 8] >> (index % 8) & 1 == 1 {
                row[bit / 64] |= 1 << UInt64(bit % 64)
            }
            rank.add(row)
        }
        #expect(Double(rank.rank) <= zero.charged)
        // Sharp enough to catch a frame's hash that went unpaid.
        #expect(Double(rank.rank) > zero.charged - 8, "seed \(seed)")
        let key = BitString.seeded(count: Self.count, seed: seed &+ 99)
        let said = try Self.transcript(key, errors, frames, options, seed)
        var expected = zero.forward
        for bit in 0..<Self.count where key[bit] {
            expected = zip(expected, columns[bit]).map { $0 ^ $1 }
        }
        #expect(said.forward == expected)
        #expect(said.backward == zero.backward)
    }
}
