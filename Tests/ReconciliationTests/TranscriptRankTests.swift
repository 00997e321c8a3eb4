// SPDX-License-Identifier: GPL-3.0-or-later
import Fields
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

/// The ledger against linear algebra: nobody who reads the link learns more bits than were charged.
///
/// The keys of both ends are 512 unknown bits (A, B). What the initiator says is linear in A, what the
/// responder says is linear in A xor B. The ledger of each direction must be at least the rank of what was
/// said in it, and the sum of both at least the rank of everything.
@Suite struct TranscriptRankTests {
    static let count = 256

    /// What a transcript tells, as rows over (A, B).
    struct Told {
        var forward: [[UInt64]] = []
        var backward: [[UInt64]] = []
        var openingBits = 0
        var mismatches = 0

        static func rank(_ rows: [[UInt64]]) -> Int {
            var rank = GF2Rank(width: 8)
            for row in rows { rank.add(row) }
            return rank.rank
        }
    }

    /// The functionals that an eavesdropper finds: the seed and all answers are in the messages, so she runs
    /// the public schedule herself; the bits of each question are counted out here one by one.
    static func told(_ session: Session<ReconciledKey>, _ pair: RawPair) throws -> Told {
        var told = Told()
        let opening = try #require(session.forward.first)
        var reader = ByteReader(Array(opening[2..<10]))
        let frames = pair.initiator.frames
        let blank = RawKey(bits: BitString(count: count), frames: frames)
        let search = try Cascade().search(blank, seed: try reader.read())
        told.openingBits = search.questionCount
        var round = 0
        while search.questionCount > 0 {
            // The responder answers for its corrected key: what it adds to the errors is public by then.
            let left = CascadeOracleTests.left(pair.errors, search)
            let message = session.forward[round]
            let answer = session.backward[round]
            var answers: [Bool] = []
            for (index, question) in search.questions.enumerated() {
                var mask = [UInt64](repeating: 0, count: 4)
                var reference = false
                var error = false
                for bit in search.bits(of: question) {
                    mask[bit / 64] |= 1 << UInt64(bit % 64)
                    reference = reference != pair.initiator.bits[bit]
                    error = error != left[bit]
                }
                told.forward.append(mask + [0, 0, 0, 0])
                told.backward.append(mask + mask)
                answers.append(CascadeOracleTests.parity(answer, index, after: 1))
                // The rows are what was said, or the ranks below would prove nothing.
                if CascadeOracleTests.parity(message, index, after: round == 0 ? 22 : 1) != reference
                    || answers[index] != error
                {
                    told.mismatches += 1
                }
            }
            try search.take(answers)
            round += 1
        }
        return told
    }

    /// The hash under a public key is affine in the key bits: 64 rows, found by probing.
    static func hashRows(_ key: UInt64) -> [[UInt64]] {
        let hash = VerificationHash(key: key)
        let zero = hash.hash(BitString(count: count))
        var rows = [[UInt64]](repeating: [UInt64](repeating: 0, count: 8), count: 64)
        for bit in 0..<count {
            var unit = BitString(count: count)
            unit[bit] = true
            let column = hash.hash(unit) ^ zero
            for row in 0..<64 where column >> UInt64(row) & 1 == 1 {
                rows[row][bit / 64] |= 1 << UInt64(bit % 64)
            }
        }
        return rows
    }

    @Test func `in a thousand sessions no direction tells more than its ledger says`() async throws {
        let rates = [0.01, 0.03, 0.06, 0.11, 0.18, 0.27]
        var tightest = Int.max
        var redundant = 0
        var loose = 0
        for number in 0..<1000 {
            let seed = UInt64(number) &* 31 &+ 5
            let pair = RawPair(count: Self.count, errorRate: rates[number % rates.count], seed: seed)
            let stage = Cascade().then(Verification())
            let session = await Session<ReconciledKey>.run(stage, pair.initiator, pair.responder, seed: seed)
            let told = try Self.told(session, pair)
            #expect(told.mismatches == 0, "seed \(seed)")
            let ledger = session.initiatorLedger
            let forward = Int(ledger.reconciliationLeak(.initiatorToResponder))
            let backward = Int(ledger.reconciliationLeak(.responderToInitiator))
            let forwardRank = Told.rank(told.forward)
            let backwardRank = Told.rank(told.backward)
            #expect(forwardRank <= forward, "seed \(seed)")
            #expect(backwardRank <= backward, "seed \(seed)")
            #expect(Told.rank(told.forward + told.backward) <= forward + backward, "seed \(seed)")
            var reader = ByteReader(Array(try #require(session.forward.last)[5..<13]))
            let hashed = told.forward + Self.hashRows(try reader.read())
            #expect(Told.rank(hashed) <= forward + Int(ledger.verificationLeak), "seed \(seed)")
            #expect(ledger.verificationLeak == 64 && ledger.otherLeak == 1)
            tightest = min(tightest, forward - forwardRank)
            redundant += forward - forwardRank
            if forwardRank <= forward - told.openingBits { loose += 1 }
        }
        // The count is sharp enough to catch one message that went unpaid.
        #expect(loose <= 5 && redundant < 4000, "\(loose) sessions, \(redundant) bits")
        #expect(tightest == 0, "a session without redundant parities makes the bound an equality")
    }

    /// The same without any look inside: the two ends as a black box that maps keys to bytes.
    @Test func `with the error pattern fixed the messages are affine in the key, of rank within the ledger`()
        throws
    {
        for seed in 0..<6 as Range<UInt64> {
            let rate = [0.02, 0.08, 0.25][Int(seed % 3)]
            let errors = RawPair(count: Self.count, errorRate: rate, seed: seed).errors
            let frames = [KeyFrame(range: 0..<Self.count, errorRate: rate)]
            let zero = try Self.transcript(BitString(count: Self.count), errors, frames, seed)
            var columns: [[UInt8]] = []
            for bit in 0..<Self.count {
                var unit = BitString(count: Self.count)
                unit[bit] = true
                let said = try Self.transcript(unit, errors, frames, seed)
                #expect(said.backward == zero.backward)
                #expect(said.forward.count == zero.forward.count)
                columns.append(zip(said.forward, zero.forward).map { $0 ^ $1 })
            }
            var rank = GF2Rank(width: 4)
            for index in 0..<zero.forward.count * 8 {
                var row = [UInt64](repeating: 0, count: 4)
                for bit in 0..<Self.count where columns[bit][index / 8] >> (index % 8) & 1 == 1 {
                    row[bit / 64] |= 1 << UInt64(bit % 64)
                }
                rank.add(row)
            }
            #expect(rank.rank <= zero.charged)
            #expect(rank.rank > zero.charged / 2)
            let key = BitString.seeded(count: Self.count, seed: seed &+ 99)
            let said = try Self.transcript(key, errors, frames, seed)
            var expected = zero.forward
            for bit in 0..<Self.count where key[bit] {
                expected = zip(expected, columns[bit]).map { $0 ^ $1 }
            }
            #expect(said.forward == expected)
        }
    }

    private static func transcript(
        _ key: BitString, _ errors: BitString, _ frames: [KeyFrame], _ seed: UInt64
    ) throws -> (forward: [UInt8], backward: [UInt8], charged: Int) {
        var initiator = try CascadeInitiator(RawKey(bits: key, frames: frames), seed: seed)
        var responder = try CascadeResponder(RawKey(bits: key ^ errors, frames: frames))
        var forward: [UInt8] = []
        var backward: [UInt8] = []
        var charged = 0
        var action = initiator.opening()
        while case .send(let message, let price) = action {
            forward += message
            charged += Int(price.bits)
            switch try responder.receive(message) {
            case .send(let bytes, _):
                backward += bytes
                action = try initiator.receive(bytes)
            case .finish(let last, _):
                let bytes = last?.bytes ?? []
                backward += bytes
                action = try initiator.receive(bytes)
            }
        }
        return (forward, backward, charged)
    }
}
