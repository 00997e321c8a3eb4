// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import OneTimePad
internal import QWaveCore
internal import Synchronization
internal import Transport

/// Lengths and counts that are too large, negative, or of something inside of something.
struct HostileLengths: Attack {
    let name = "hostile-lengths"
    let rows = [17]
    let models =
        "Wherever a link, a session or a wrapped message says how much comes, it says the most that it can, the least, "
        + "a negative number, or wraps a whole message into another; and a crowd announces the longest messages that a "
        + "link allows and sends eight bytes."
    let criterion =
        "Nothing is accepted, nobody waits for ever, and memory doesn't follow what was announced."
    let control = "A reader that makes room for what is announced."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let links = setting.pick(120, 200, 400)
        let growth = try await Self.announce(links, build)
        evidence.atMost(
            "bytes of memory for \(links) announced messages of 1 MiB", Double(growth), Double(64 << 20))
        guard build == .product else { return evidence }
        let (trials, accepted) = try Self.frames(setting)
        evidence.none("wrapped messages with such lengths that were accepted", accepted, of: trials)
        let session = try await Self.session(setting)
        evidence.none("blocks spent after such lengths in a session", session.spent, of: session.trials)
        evidence.none("ends that waited for ever", session.hung, of: session.trials)
        return evidence
    }

    /// How much memory announcements take that aren't followed by what they announce.
    private static func announce(_ links: Int, _ build: AttackedBuild) async throws -> Int {
        RawSocket.raiseLimit()
        let header: [UInt8] = [0x00, 0x10, 0x10, 0x00]
        let before = ProcessUse.residentBytes()
        if build == .broken {
            let buffers = (0..<links).map { _ in [UInt8](repeating: 1, count: Limits.largestMessage) }
            return ProcessUse.residentBytes() - before + buffers.count
        }
        let strangers = Strangers()
        let opened = Mutex(0)
        let peak = try await Transport.withListener(
            host: "127.0.0.1", port: 0, limits: Limits(wait: .seconds(20))
        ) { listener async throws(QWaveError) -> Int in
            var peak = 0
            // One link after the other is let in and left open; all strangers go when the memory was measured.
            try await nest(links, listener, header, strangers) {
                peak = ProcessUse.residentBytes()
                opened.withLock { $0 = strangers.held.withLock { $0.count } }
                strangers.held.withLock { $0 = [] }
            }
            return peak
        }
        guard opened.withLock({ $0 }) == links else {
            throw QWaveError(.internalFault, "not all of \(links) links were opened")
        }
        return peak - before
    }

    private final class Strangers: Sendable {
        let held = Mutex<[RawSocket.Shared]>([])

        /// One more, which nothing else holds: when they go, their links close at once.
        func connect(_ port: Int) -> Bool {
            guard let socket = RawSocket.Shared(port: port) else { return false }
            held.withLock { $0.append(socket) }
            return true
        }
    }

    private static func nest(
        _ left: Int, _ listener: Listener, _ header: [UInt8],
        _ strangers: Strangers,
        _ body: () -> Void
    ) async throws(QWaveError) {
        guard left > 0, strangers.connect(listener.port) else { return body() }
        try await listener.accept(deadline: .seconds(20)) { link async throws(QWaveError) in
            _ = strangers.held.withLock { $0.last?.socket.send(header + [1, 2, 3, 4, 5, 6, 7, 8]) }
            try await nest(left - 1, listener, header, strangers, body)
        }
    }

    /// Wrapped messages whose numbers lie.
    private static func frames(_ setting: AttackSetting) throws -> (trials: Int, accepted: Int) {
        let ends = try PadEnds(seed: setting.seed(1))
        try ends.add(0, bytes: 65_536, seed: 2)
        var wrapped: [[UInt8]] = []
        for _ in 0..<2 {
            var input = MemoryInput([UInt8](repeating: 3, count: 64))
            var output = MemoryOutput()
            try Wrapper(ends.stores[0]).wrap(&input, to: &output)
            wrapped.append(output.bytes)
        }
        let genuine = wrapped[0]
        var lies: [[UInt8]] = []
        for field in [(16, 8), (24, 8), (32, 4)] {
            for value in [0, 1, 0x10_0001, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] + [UInt64.max, 1 << 63] {
                var bytes = genuine
                for place in 0..<field.1 {
                    bytes[field.0 + place] = UInt8(
                        truncatingIfNeeded: value >> UInt64(8 * (field.1 - 1 - place)))
                }
                lies.append(bytes)
            }
        }
        for count in 0..<genuine.count { lies.append(Array(genuine.prefix(count))) }
        // One message as the body of another, with the lengths that this makes right.
        var nested = genuine
        nested.replaceSubrange(48..<48, with: wrapped[1])
        let body = nested.count - 52
        for place in 0..<4 { nested[32 + place] = UInt8(truncatingIfNeeded: body >> (24 - 8 * place)) }
        lies.append(nested)
        lies.append(genuine + wrapped[1])
        var accepted = 0
        lies.removeAll { $0 == genuine }
        for lie in lies {
            for isStreaming in [false, true] {
                var input = MemoryInput(lie)
                var output = MemoryOutput()
                let opener = Opener(ends.stores[1])
                // In a stream whole frames before the lie are released by right; none of these has one.
                if isStreaming, lie.count > genuine.count { continue }
                if (try? opener.unwrap(&input, to: &output, isStreaming: isStreaming)) != nil {
                    accepted += 1
                }
                if !output.bytes.isEmpty { accepted += 1 }
            }
        }
        return (lies.count, accepted)
    }

    private struct Sum: Sendable {
        var trials = 0
        var spent = 0
        var hung = 0
    }

    /// Numbers of 1, 4 and 8 bytes at every place at which a message of a session may have one.
    private static func session(_ setting: AttackSetting) async throws -> Sum {
        let captures = WiredPair.captures(setting)
        let options = [WiredPair.options, WiredPair.options]
        let wire = Wire()
        let pair = try WiredPair(captures, options: options, seed: 9)
        _ = await pair.connect(over: wire, seed: setting.seed(1))
        let messages = wire.untilCommit
        var lies: [(WireMessage, [UInt8])] = []
        var number = 0
        for message in messages.dropLast() {
            for place in 1..<min(message.bytes.count, 18) {
                for (width, value) in [(1, UInt8(0xFF)), (4, 0xFF), (8, 0x7F), (8, 0)] {
                    number += 1
                    guard number % setting.pick(41, 7, 1) == 0, place + width <= message.bytes.count else {
                        continue
                    }
                    var bytes = message.bytes
                    for index in place..<place + width { bytes[index] = value }
                    if bytes != message.bytes { lies.append((message, bytes)) }
                }
            }
        }
        return try await Parallel.reduce(lies, into: Sum()) { target, bytes in
            let wire = Wire {
                [$0.sender == target.sender && $0.index == target.index ? bytes : $0.bytes]
            }
            let pair = try WiredPair(captures, options: options, seed: 9)
            let ending = await pair.connect(over: wire, seed: setting.seed(1))
            let delivered = pair.delivered
            // RESUME and NEXT aren't sealed: one may settle nothing, the other end it in peace.
            let isOpen = target.bytes.first == 0x08 || target.bytes.first == 0x09
            var sum = Sum(trials: 1)
            sum.spent = isOpen ? delivered.one + delivered.unequal : delivered.both + delivered.one
            sum.hung = ending.hung ? 1 : 0
            return sum
        } combine: {
            $0.trials += $1.trials
            $0.spent += $1.spent
            $0.hung += $1.hung
        }
    }
}
