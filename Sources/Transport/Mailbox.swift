// SPDX-License-Identifier: GPL-3.0-or-later
internal import NIOCore
internal import QWaveCore
internal import Synchronization

/// What the event loop hands to waiting tasks: elements in order, then one reason why there are no more.
///
/// Every wait ends by an element, by the end, by its deadline or by cancellation; the last two leave the
/// elements where they are. The bound is kept by the one who delivers (`hasRoom`), who stops reading.
final class Mailbox<Element: Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Result<Element, QWaveError>, Never>

    private struct State {
        var elements: [(element: Element, weight: Int)] = []
        var head = 0
        var weight = 0
        var end: QWaveError?
        var nextID: UInt64 = 0
        var waiters: [(id: UInt64, waiter: Waiter)] = []
        /// Waits that have begun and not returned.
        var active: Set<UInt64> = []
        /// Waits that were abandoned before they had a waiter, with the reason.
        var early: [UInt64: QWaveError] = [:]

        var count: Int { elements.count - head }

        mutating func takeFirst() -> Element {
            let (element, weight) = elements[head]
            head += 1
            self.weight -= weight
            if head == elements.count || head > 64, head * 2 > elements.count {
                elements.removeFirst(head)
                head = 0
            }
            return element
        }
    }

    private let state = Mutex(State())
    private let countLimit: Int
    private let weightLimit: Int

    init(countLimit: Int, weightLimit: Int) {
        self.countLimit = countLimit
        self.weightLimit = weightLimit
    }

    /// True while the deliverer may fetch more.
    var hasRoom: Bool { state.withLock { $0.count < countLimit && $0.weight < weightLimit } }

    /// Adds an element; after the end it is dropped, and the answer is false.
    @discardableResult
    func deliver(_ element: Element, weight: Int) -> Bool {
        let (accepted, waiter) = state.withLock { state -> (Bool, Waiter?) in
            guard state.end == nil else { return (false, nil) }
            if !state.waiters.isEmpty { return (true, state.waiters.removeFirst().waiter) }
            state.elements.append((element, weight))
            state.weight += weight
            return (true, nil)
        }
        waiter?.resume(returning: .success(element))
        return accepted
    }

    /// Ends the box: what is in it stays readable, unless `discarding`; only the first reason counts.
    ///
    /// - Returns: what was discarded.
    @discardableResult
    func finish(_ reason: QWaveError, discarding: Bool = false) -> [Element] {
        let (waiters, discarded) = state.withLock { state -> ([Waiter], [Element]) in
            var discarded: [Element] = []
            if discarding { while state.count > 0 { discarded.append(state.takeFirst()) } }
            guard state.end == nil else { return ([], discarded) }
            state.end = reason
            defer { state.waiters = [] }
            return (state.waiters.map(\.waiter), discarded)
        }
        for waiter in waiters { waiter.resume(returning: .failure(reason)) }
        return discarded
    }

    /// Why there will be no more elements; nil while there may be.
    var end: QWaveError? { state.withLock { $0.end } }

    /// The next element, in order.
    ///
    /// - Parameters:
    ///   - deadline: how long to wait, measured on `loop`; nil waits until the end.
    ///   - late: what to throw then.
    func next(
        within deadline: Duration?, on loop: any EventLoop,
        late: @autoclosure @escaping @Sendable () -> QWaveError
    ) async throws(QWaveError) -> Element {
        let (id, ready) = state.withLock { state -> (UInt64, Result<Element, QWaveError>?) in
            state.nextID += 1
            if state.count > 0 { return (state.nextID, .success(state.takeFirst())) }
            if let end = state.end { return (state.nextID, .failure(end)) }
            state.active.insert(state.nextID)
            return (state.nextID, nil)
        }
        if let ready { return try ready.get() }
        let timer = deadline.map { deadline in
            loop.scheduleTask(in: TimeAmount(deadline)) { self.abandon(id, late()) }
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                let immediate = state.withLock { state -> Result<Element, QWaveError>? in
                    if let reason = state.early.removeValue(forKey: id) { return .failure(reason) }
                    if state.count > 0 { return .success(state.takeFirst()) }
                    if let end = state.end { return .failure(end) }
                    state.waiters.append((id, waiter))
                    return nil
                }
                if let immediate { waiter.resume(returning: immediate) }
            }
        } onCancel: {
            abandon(id, QWaveError(.cancelled, "the wait on the link was cancelled"))
        }
        timer?.cancel()
        state.withLock {
            $0.active.remove(id)
            $0.early.removeValue(forKey: id)
        }
        return try outcome.get()
    }

    private func abandon(_ id: UInt64, _ reason: QWaveError) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                if state.active.contains(id) { state.early[id] = reason }
                return nil
            }
            return state.waiters.remove(at: index).waiter
        }
        waiter?.resume(returning: .failure(reason))
    }
}
