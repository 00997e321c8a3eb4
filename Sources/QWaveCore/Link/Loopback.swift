// SPDX-License-Identifier: GPL-3.0-or-later
internal import Synchronization

/// Two links in memory, joined to each other: the public link of replays, tests and benchmarks.
///
/// Each direction is a bounded queue, so a fast sender waits for a slow receiver. Closing either end closes
/// both; messages that were sent before stay readable. A cancelled wait throws `.cancelled` and leaves the
/// queue intact.
public enum Loopback {
    /// The two ends of a fresh link.
    ///
    /// - Parameter capacity: messages that may wait in each direction.
    public static func pair(capacity: Int = 64) -> (initiator: some Link, responder: some Link) {
        let forward = BoundedQueue(capacity: capacity)
        let backward = BoundedQueue(capacity: capacity)
        return (
            LoopbackLink(outgoing: forward, incoming: backward),
            LoopbackLink(outgoing: backward, incoming: forward)
        )
    }
}

struct LoopbackLink: Link {
    let outgoing: BoundedQueue
    let incoming: BoundedQueue

    func send(_ message: [UInt8]) async throws(QWaveError) { try await outgoing.push(message) }
    func receive() async throws(QWaveError) -> [UInt8] { try await incoming.pop() }
    func close() async {
        outgoing.close()
        incoming.close()
    }
}

/// A queue of messages with a bound: `push` waits while it is full, `pop` while it is empty.
final class BoundedQueue: Sendable {
    private enum Failure: Error { case closed, cancelled }
    private typealias Waiter = CheckedContinuation<Result<[UInt8], Failure>, Never>

    private struct State {
        var messages: [[UInt8]] = []
        var head = 0
        var isClosed = false
        var nextID: UInt64 = 0
        /// Receivers that wait for a message, oldest first.
        var receivers: [(id: UInt64, waiter: Waiter)] = []
        /// Senders that wait for room, oldest first, with what they want to send.
        var senders: [(id: UInt64, message: [UInt8], waiter: Waiter)] = []
        /// Waits that were cancelled before they began.
        var cancelled: Set<UInt64> = []

        var count: Int { messages.count - head }

        mutating func takeFirst() -> [UInt8] {
            let message = messages[head]
            messages[head] = []
            head += 1
            if head > 64, head * 2 > messages.count {
                messages.removeFirst(head)
                head = 0
            }
            return message
        }
    }

    private let state = Mutex(State())
    private let capacity: Int

    init(capacity: Int) { self.capacity = max(1, capacity) }

    func push(_ message: [UInt8]) async throws(QWaveError) {
        _ = try await wait { state, id, waiter in
            if state.isClosed { return .failure(.closed) }
            if !state.receivers.isEmpty {
                let receiver = state.receivers.removeFirst()
                receiver.waiter.resume(returning: .success(message))
                return .success([])
            }
            if state.count < self.capacity {
                state.messages.append(message)
                return .success([])
            }
            state.senders.append((id, message, waiter))
            return nil
        }
    }

    func pop() async throws(QWaveError) -> [UInt8] {
        try await wait { state, id, waiter in
            if state.count > 0 {
                let message = state.takeFirst()
                if !state.senders.isEmpty {
                    let sender = state.senders.removeFirst()
                    state.messages.append(sender.message)
                    sender.waiter.resume(returning: .success([]))
                }
                return .success(message)
            }
            if state.isClosed { return .failure(.closed) }
            state.receivers.append((id, waiter))
            return nil
        }
    }

    func close() {
        let waiting = state.withLock { state -> [Waiter] in
            state.isClosed = true
            let waiting = state.receivers.map(\.waiter) + state.senders.map(\.waiter)
            state.receivers = []
            state.senders = []
            return waiting
        }
        for waiter in waiting { waiter.resume(returning: .failure(.closed)) }
    }

    /// Runs `attempt` under the lock; where it returns nil the caller waits until somebody resumes it.
    private func wait(
        _ attempt: @Sendable (inout State, UInt64, Waiter) -> Result<[UInt8], Failure>?
    ) async throws(QWaveError) -> [UInt8] {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                let immediate = state.withLock { state -> Result<[UInt8], Failure>? in
                    if state.cancelled.remove(id) != nil { return .failure(.cancelled) }
                    return attempt(&state, id, waiter)
                }
                if let immediate { waiter.resume(returning: immediate) }
            }
        } onCancel: {
            cancel(id)
        }
        state.withLock { _ = $0.cancelled.remove(id) }
        switch outcome {
        case .success(let message): return message
        case .failure(.closed):
            throw QWaveError(.linkClosed, "the link was closed before the message could pass")
        case .failure(.cancelled):
            throw QWaveError(.cancelled, "the wait on the link was cancelled")
        }
    }

    private func cancel(_ id: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            if let index = state.receivers.firstIndex(where: { $0.id == id }) {
                return state.receivers.remove(at: index).waiter
            }
            if let index = state.senders.firstIndex(where: { $0.id == id }) {
                return state.senders.remove(at: index).waiter
            }
            state.cancelled.insert(id)
            return nil
        }
        waiter?.resume(returning: .failure(.cancelled))
    }
}
