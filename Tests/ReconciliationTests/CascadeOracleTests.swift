// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

/// Every message is compared with parities that are counted bit by bit.
@Suite struct CascadeOracleTests {
    /// Parity `index` of a message whose parities start at byte `offset`.
    static func parity(_ message: [UInt8], _ index: Int, after offset: Int) -> Bool {
        message[offset + index / 8] >> (index % 8) & 1 == 1
    }

    @Test(arguments: [(700, 0.02), (700, 0.11), (500, 0.3), (3000, 0.05), (64, 0.1), (40, 0.4)])
    func `every parity that is said is the naive one, and every inferred node is true`(
        count: Int, rate: Double
    ) throws {
        for seed in 0..<10 as Range<UInt64> {
            let pair = RawPair(count: count, errorRate: rate, seed: seed)
            var initiator = try CascadeInitiator(pair.initiator, seed: seed)
            var responder = try CascadeResponder(pair.responder)
            var action = initiator.opening()
            var isFirst = true
            var wrong = 0
            while case .send(let message, let price) = action {
                let questions = initiator.search.questions
                let left = Self.left(pair.errors, initiator.search)
                #expect(Int(price.bits) == questions.count && price.isReconciliation && price.kind == .parity)
                let asked = questions.map { initiator.search.bits(of: $0) }
                let reply = try responder.receive(message)
                let (answer, answerPrice) = Self.message(of: reply)
                #expect(answerPrice == price)
                for (index, bits) in asked.enumerated() {
                    let reference = bits.reduce(false) { $0 != pair.initiator.bits[$1] }
                    let error = bits.reduce(false) { $0 != left[$1] }
                    if Self.parity(message, index, after: isFirst ? 22 : 1) != reference { wrong += 1 }
                    if Self.parity(answer, index, after: 1) != error { wrong += 1 }
                }
                isFirst = false
                action = try initiator.receive(answer)
                wrong += Self.falseIntervals(initiator.search, pair.errors)
                #expect(initiator.search.questions == responder.search?.questions)
            }
            #expect(wrong == 0)
        }
    }

    private static func message(of action: ReconciliationAction<CorrectedKey>) -> ([UInt8], Disclosure) {
        switch action {
        case .send(let bytes, let price): (bytes, price)
        case .finish(let last, _): (last?.bytes ?? [], last?.disclosure ?? .nothing)
        }
    }

    /// The errors that a search hasn't corrected yet.
    static func left(_ errors: BitString, _ search: CascadeSearch) -> BitString {
        var left = errors
        for bit in search.corrections { left.flip(at: bit) }
        return left
    }

    /// How many intervals are believed known with another parity than that of the errors still there, and how
    /// many bits are believed right that are wrong.
    private static func falseIntervals(_ search: CascadeSearch, _ errors: BitString) -> Int {
        let left = left(errors, search)
        var wrong = 0
        for tree in 0..<search.treeCount {
            var position = 0
            while position < search.positions(of: tree) {
                let interval = search.interval(around: position, in: tree)
                position = interval.start + interval.length
                guard let isOdd = interval.isOdd else { continue }
                var parity = false
                for place in interval.start..<position {
                    if let bit = search.bit(at: place, in: tree), left[bit] { parity.toggle() }
                }
                if parity != isOdd { wrong += 1 }
            }
        }
        for position in 0..<search.positions(of: 0) where search.isKnown(position) {
            if let bit = search.bit(at: position), left[bit] { wrong += 1 }
        }
        return wrong
    }

    @Test func `no question's answer was known before, nor asked twice in a message`() throws {
        for seed in 0..<20 as Range<UInt64> {
            let pair = RawPair(count: 2000, errorRate: 0.06, seed: seed)
            let search = try Cascade().search(pair.initiator, seed: seed)
            while search.questionCount > 0 {
                var seen: Set<CascadeSearch.Question> = []
                let left = Self.left(pair.errors, search)
                for question in search.questions {
                    #expect(seen.insert(question).inserted)
                    guard question.tree >= 0 else { continue }
                    let interval = search.interval(around: question.start, in: question.tree)
                    if let isOdd = interval.isOdd {
                        // The left half of an odd interval, with a bit open on either side.
                        #expect(isOdd && interval.start == question.start)
                        #expect(interval.length == 2 * question.length)
                        for start in [question.start, question.start + question.length] {
                            let open = (start..<start + question.length).contains {
                                search.bit(at: $0, in: question.tree) != nil
                            }
                            #expect(open)
                        }
                    }
                }
                try search.take(
                    search.questions.map { question in
                        search.bits(of: question).reduce(false) { $0 != left[$1] }
                    })
            }
            #expect(search.corrected == pair.errors.onesCount)
            #expect(search.corrections.count == pair.errors.onesCount)
        }
    }
}
