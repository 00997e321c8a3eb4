// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Synchronization
import TestSupport
import Testing

/// A count that several tasks may look at.
final class Counter: Sendable {
    private let number = Mutex(0)
    var value: Int { number.withLock { $0 } }
    func increment() { number.withLock { $0 += 1 } }
}

/// Bytes that several tasks collect.
final class Collector: Sendable {
    private let bytes = Mutex<[UInt8]>([])
    var all: [UInt8] { bytes.withLock { $0 } }
    func append(_ byte: UInt8) { bytes.withLock { $0.append(byte) } }
}

@Suite struct LoopbackTests {
    /// The code of what `body` throws, nil when it returns.
    private func code(_ body: () async throws -> Void) async -> QWaveError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? QWaveError)?.code
        }
    }

    /// Lets other tasks run until `condition` holds.
    private func wait(until condition: @Sendable () -> Bool) async {
        for _ in 0..<100_000 where !condition() { await Task.yield() }
    }

    @Test(arguments: [1, 2, 64])
    func `messages arrive whole, in order, both ways at once`(capacity: Int) async throws {
        let (left, right) = Loopback.pair(capacity: capacity)
        let messages = (0..<500).map { [UInt8](repeating: UInt8($0 & 255), count: $0 % 17) }
        async let sentLeft: Void = {
            for message in messages { try await left.send(message) }
        }()
        async let sentRight: Void = {
            for message in messages.reversed() { try await right.send(message) }
        }()
        async let atRight = {
            var got: [[UInt8]] = []
            while got.count < messages.count { got.append(try await right.receive()) }
            return got
        }()
        async let atLeft = {
            var got: [[UInt8]] = []
            while got.count < messages.count { got.append(try await left.receive()) }
            return got
        }()
        #expect(try await atRight == messages)
        #expect(try await atLeft == messages.reversed())
        _ = try await (sentLeft, sentRight)
    }

    @Test(arguments: [1, 3])
    func `a sender waits once the queue is full, and goes on when there is room`(capacity: Int) async throws {
        let (left, right) = Loopback.pair(capacity: capacity)
        let sent = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for index in 0..<10 as Range<UInt8> {
                    try await left.send([index])
                    sent.increment()
                }
            }
            await wait { sent.value == capacity }
            for _ in 0..<200 { await Task.yield() }
            #expect(sent.value == capacity)
            for index in 0..<10 as Range<UInt8> { #expect(try await right.receive() == [index]) }
            try await group.waitForAll()
        }
        #expect(sent.value == 10)
    }

    @Test(arguments: [true, false])
    func `closing either end ends every wait of both`(closesLeft: Bool) async {
        let (left, right) = Loopback.pair(capacity: 1)
        #expect(await code { try await left.send([1]) } == nil)
        async let stuckSender = code { try await left.send([2]) }
        async let stuckReceiver = code { _ = try await left.receive() }
        for _ in 0..<200 { await Task.yield() }
        if closesLeft { await left.close() } else { await right.close() }
        #expect(await stuckSender == .linkClosed)
        #expect(await stuckReceiver == .linkClosed)
        #expect(await code { try await right.send([3]) } == .linkClosed)
        #expect(await code { try await left.send([3]) } == .linkClosed)
        await left.close()
        await right.close()
    }

    @Test func `what was sent before the close can still be read`() async throws {
        let (left, right) = Loopback.pair()
        try await left.send([1])
        try await left.send([2, 2])
        await left.close()
        #expect(try await right.receive() == [1])
        #expect(try await right.receive() == [2, 2])
        #expect(await code { _ = try await right.receive() } == .linkClosed)
    }

    @Test func `a cancelled wait says so and takes nothing from the queue`() async throws {
        let (left, right) = Loopback.pair(capacity: 1)
        let receiver = Task { await self.code { _ = try await right.receive() } }
        for _ in 0..<200 { await Task.yield() }
        receiver.cancel()
        #expect(await receiver.value == .cancelled)
        try await left.send([1])
        let sender = Task { await self.code { try await left.send([2]) } }
        for _ in 0..<200 { await Task.yield() }
        sender.cancel()
        #expect(await sender.value == .cancelled)
        #expect(try await right.receive() == [1])
        try await left.send([3])
        #expect(try await right.receive() == [3], "the cancelled message must not arrive")
    }

    @Test func `a wait of a task that is cancelled already ends at once`() async {
        let (_, right) = Loopback.pair()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await self.code { _ = try await right.receive() }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    @Test func `cancellations in the middle of traffic lose and double nothing`() async throws {
        let (left, right) = Loopback.pair(capacity: 2)
        let total = 300
        let received = Collector()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Each receive may be cancelled; a message it took counts, a cancelled one took none.
                while received.all.count < total {
                    let attempt = Task {
                        if let message = try? await right.receive() { received.append(message[0]) }
                    }
                    await Task.yield()
                    attempt.cancel()
                    await attempt.value
                }
            }
            group.addTask {
                for index in 0..<total { try? await left.send([UInt8(index & 255)]) }
            }
        }
        #expect(received.all == (0..<total).map { UInt8($0 & 255) })
    }
}
