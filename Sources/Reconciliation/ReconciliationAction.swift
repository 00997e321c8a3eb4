// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// What a state machine of this room wants done after it was given a message.
public enum ReconciliationAction<Result: Sendable>: Sendable {
    /// Send this and wait for the answer.
    case send([UInt8], Disclosure)
    /// The end: send this, where there is something to say, then hand on the result or throw the refusal.
    case finish(last: Message?, Swift.Result<Result, QWaveError>)

    /// A message with its price.
    public struct Message: Sendable {
        public var bytes: [UInt8]
        public var disclosure: Disclosure

        public init(_ bytes: [UInt8], _ disclosure: Disclosure) {
            self.bytes = bytes
            self.disclosure = disclosure
        }
    }

    /// What is to be sent, if anything.
    public var message: Message? {
        switch self {
        case .send(let bytes, let disclosure): Message(bytes, disclosure)
        case .finish(let last, _): last
        }
    }
}

/// One role of a talking stage, without I/O: messages in, actions out.
public protocol ReconciliationMachine<Result>: Sendable {
    associatedtype Result: Sendable
    /// What the last received message told, once it was understood.
    var received: Disclosure { get }
    /// The first message, where this role speaks first; nil where it waits. Asked once, before anything else.
    mutating func opening() -> ReconciliationAction<Result>?
    /// Takes the peer's next message.
    ///
    /// Throws `.protocolViolation` for anything that has no place here; the machine is of no use after that.
    mutating func receive(_ message: [UInt8]) throws(QWaveError) -> ReconciliationAction<Result>
}

extension ReconciliationMachine {
    public mutating func opening() -> ReconciliationAction<Result>? { nil }
}

extension Party {
    /// Closes the link when `make` throws: the peer is waiting for what this end would have said.
    func closingOnFailure<M>(_ make: () throws(QWaveError) -> M) async throws(QWaveError) -> M {
        do {
            return try make()
        } catch {
            await close()
            throw error
        }
    }

    /// Drives a machine over the link: the only I/O of this room.
    ///
    /// A refusal (`.refused`) is reached by both ends at the same message, so the link stays open for the next
    /// block; any other failure closes it, since the peer would wait for ever.
    func drive<M: ReconciliationMachine>(
        _ machine: M
    ) async throws(QWaveError) -> M.Result {
        do {
            var machine = machine
            var action = machine.opening()
            while true {
                switch action {
                case .finish(let last, let result):
                    if let last { try await send(last.bytes, charging: last.disclosure) }
                    return try result.get()
                case .send(let bytes, let disclosure):
                    try await send(bytes, charging: disclosure)
                case nil: break
                }
                let message = try await receive()
                action = try machine.receive(message)
                charge(received: machine.received, bytes: message.count)
            }
        } catch {
            if error.code != .refused { await close() }
            throw error
        }
    }
}
