// SPDX-License-Identifier: GPL-3.0-or-later

/// A step that turns a block of `Input` into a block of `Output`, talking to its peer as it goes.
///
/// Both ends run the same type with another role. A stage is a value: parameters in, no hidden state.
public protocol Stage<Input, Output>: Sendable {
    associatedtype Input: Sendable
    associatedtype Output: Sendable
    func run(_ block: Input, as party: Party) async throws(QWaveError) -> Output
}

/// Two stages, one after the other.
public struct Chain<First: Stage, Second: Stage>: Stage where First.Output == Second.Input {
    let first: First
    let second: Second

    public func run(_ block: First.Input, as party: Party) async throws(QWaveError) -> Second.Output {
        try await second.run(first.run(block, as: party), as: party)
    }
}

extension Stage {
    /// `quantize.then(reconcile).then(amplify)` is itself a stage.
    public func then<Next: Stage>(_ next: Next) -> Chain<Self, Next> where Next.Input == Output {
        Chain(first: self, second: next)
    }

    /// Runs every block of `source`; a block is pulled only when the consumer asks for its result, so
    /// back pressure reaches the radio. The first failure closes the link and ends the sequence.
    public func blocks<Source: AsyncSequence & Sendable>(
        from source: Source, as party: Party
    ) -> StageSequence<Self, Source> where Source.Element == Input {
        StageSequence(stage: self, source: source, party: party)
    }
}

/// The results of a stage over a sequence of blocks, made on demand.
public struct StageSequence<S: Stage, Source: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Source.Element == S.Input {
    let stage: S
    let source: Source
    let party: Party

    public struct AsyncIterator: AsyncIteratorProtocol {
        let stage: S
        var source: Source.AsyncIterator
        let party: Party

        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(any Error) -> S.Output? {
            do {
                guard let block = try await source.next(isolation: actor) else { return nil }
                return try await stage.run(block, as: party)
            } catch {
                await party.close()
                throw error
            }
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(stage: stage, source: source.makeAsyncIterator(), party: party)
    }
}
