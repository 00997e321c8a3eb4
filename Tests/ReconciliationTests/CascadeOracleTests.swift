// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

/// Every message is compared with parities that are counted bit by bit.
@Suite struct CascadeOracleTests {
    /// The key bits that a question covers, by the order of its tree or by the subset's definition.
    static func bits(of question: CascadeSearch.Question, in search: CascadeSearch) -> [Int] {
        switch question {
        case .node(let node):
            let order = search.trees[Int(node.tree)].order
            let size = 1 << Int(node.level)
            return order[Int(node.index) * size..<(Int(node.index) + 1) * size].filter { $0 >= 0 }.map {
                Int($0)
            }
        case .subset(let seed):
            return (0..<search.plan.bitCount).filter { PublicShuffle.subset(seed: seed, contains: $0) }
        }
    }

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
                #expect(Int(price.bits) == questions.count && price.isReconciliation && price.kind == .parity)
                let reply = try responder.receive(message)
                let (answer, answerPrice) = Self.message(of: reply)
                #expect(answerPrice == price)
                for (index, question) in questions.enumerated() {
                    let bits = Self.bits(of: question, in: initiator.search)
                    let reference = bits.reduce(false) { $0 != pair.initiator.bits[$1] }
                    let error = bits.reduce(false) { $0 != pair.errors[$1] }
                    if Self.parity(message, index, after: isFirst ? 22 : 1) != reference { wrong += 1 }
                    if Self.parity(answer, index, after: 1) != error { wrong += 1 }
                }
                isFirst = false
                action = try initiator.receive(answer)
                wrong += Self.falseNodes(initiator.search, pair.errors)
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

    /// How many nodes are believed known with another parity than that of the errors still there.
    private static func falseNodes(_ search: CascadeSearch, _ errors: BitString) -> Int {
        var left = errors
        for bit in search.errors { left.flip(at: Int(bit)) }
        var wrong = 0
        for tree in search.trees {
            for level in 0...tree.topLevel {
                for index in 0..<tree.order.count >> level {
                    let byte = tree.nodes[tree.slot(level, index)]
                    guard byte & ParityTree.known != 0 else { continue }
                    var isOdd = false
                    for position in index << level..<(index + 1) << level where tree.order[position] >= 0 {
                        if left[Int(tree.order[position])] { isOdd.toggle() }
                    }
                    if isOdd != (byte & 1 != 0) { wrong += 1 }
                }
            }
        }
        return wrong
    }

    @Test func `no question's answer was known before, nor asked twice in a message`() throws {
        for seed in 0..<20 as Range<UInt64> {
            let pair = RawPair(count: 2000, errorRate: 0.06, seed: seed)
            let options = Cascade()
            var search = options.search(try options.plan(pair.initiator), seed: seed)
            while !search.questions.isEmpty {
                var seen: Set<CascadeSearch.Question> = []
                for question in search.questions {
                    #expect(seen.insert(question).inserted)
                    guard case .node(let node) = question else { continue }
                    let tree = search.trees[Int(node.tree)]
                    let byte = tree.nodes[tree.slot(Int(node.level), Int(node.index))]
                    #expect(byte & ParityTree.known == 0)
                }
                search.take(
                    search.questions.map { question in
                        Self.bits(of: question, in: search).reduce(false) { $0 != pair.errors[$1] }
                    })
            }
            #expect(search.errors.count == pair.errors.onesCount)
            #expect(Set(search.errors).count == search.errors.count)
        }
    }
}
