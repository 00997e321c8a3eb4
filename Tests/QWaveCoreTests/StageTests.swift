// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@Suite struct StageTests {
    /// Exchanges one byte and adds what the peer said.
    struct Add: Stage {
        var step: Int
        func run(_ block: Int, as party: Party) async throws(QWaveError) -> Int {
            let price = Disclosure(.syndrome, bits: Double(step), isReconciliation: true)
            if party.role == .initiator { try await party.send([UInt8(step)], charging: price) }
            let said = try await party.receive()
            party.charge(received: price, bytes: said.count)
            if party.role == .responder { try await party.send([UInt8(step)], charging: price) }
            return block + Int(said[0])
        }
    }

    struct Describe: Stage {
        func run(_ block: Int, as party: Party) async throws(QWaveError) -> String {
            "\(party.role) \(block)"
        }
    }

    struct Fail: Stage {
        func run(_ block: Int, as party: Party) async throws(QWaveError) -> Int {
            throw QWaveError(.refused, "planted")
        }
    }

    private func parties() -> (Party, Party) {
        let (left, right) = Loopback.pair()
        return (
            Party(role: .initiator, link: left, ledger: SecrecyLedger(), random: SeededRandomSource(seed: 1)),
            Party(role: .responder, link: right, ledger: SecrecyLedger(), random: SeededRandomSource(seed: 2))
        )
    }

    @Test func `stages run one after the other at both ends`() async throws {
        let chain = Add(step: 1).then(Add(step: 10)).then(Describe())
        let (left, right) = parties()
        async let first = chain.run(100, as: left)
        async let second = chain.run(200, as: right)
        #expect(try await first == "initiator 111")
        #expect(try await second == "responder 211")
        #expect(left.ledger.account == right.ledger.account)
        #expect(left.ledger.reconciliationLeak(.initiatorToResponder) == 11)
        #expect(left.ledger.reconciliationLeak(.responderToInitiator) == 11)
    }

    @Test func `a later stage doesn't run after an earlier one failed`() async {
        let (left, _) = parties()
        let chain = Fail().then(Describe())
        await #expect { try await chain.run(1, as: left) } throws: { ($0 as? QWaveError)?.code == .refused }
        #expect(left.ledger.messages == 0)
    }

    @Test func `a send over a closed link is charged all the same`() async {
        let (left, right) = parties()
        await right.close()
        await #expect {
            try await left.send([1], charging: Disclosure(.parity, bits: 4, isReconciliation: true))
        } throws: { ($0 as? QWaveError)?.code == .linkClosed }
        #expect(left.ledger.reconciliationLeak(.initiatorToResponder) == 4)
    }

    /// Counts, and says how many were pulled.
    struct Source: AsyncSequence, Sendable {
        let count: Int
        let pulled: Counter
        struct Iterator: AsyncIteratorProtocol {
            var next = 0
            let source: Source
            mutating func next() async -> Int? {
                guard next < source.count else { return nil }
                source.pulled.increment()
                defer { next += 1 }
                return next
            }
        }
        func makeAsyncIterator() -> Iterator { Iterator(source: self) }
    }

    @Test func `blocks are pulled only when a result is asked for`() async throws {
        let (left, _) = parties()
        let counter = Counter()
        var iterator = Describe().blocks(from: Source(count: 3, pulled: counter), as: left)
            .makeAsyncIterator()
        #expect(counter.value == 0)
        for index in 0..<3 {
            #expect(try await iterator.next(isolation: nil) == "initiator \(index)")
            #expect(counter.value == index + 1)
        }
        #expect(try await iterator.next(isolation: nil) == nil)
    }

    @Test func `a failing block closes the link, so the peer doesn't wait for ever`() async {
        let (left, right) = parties()
        var iterator = Fail().blocks(from: Source(count: 3, pulled: .init()), as: left).makeAsyncIterator()
        await #expect { try await iterator.next(isolation: nil) } throws: {
            ($0 as? QWaveError)?.code == .refused
        }
        await #expect { try await right.receive() } throws: { ($0 as? QWaveError)?.code == .linkClosed }
    }
}
