// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

/// Machines under bytes and orders of messages that no honest peer would send.
///
/// `QWAVE_FUZZ_INPUTS` sets how many inputs are tried; `QWAVE_FUZZ_SEED` repeats a run.
@Suite struct CascadeFuzzTests {
    static let inputs = Int(ProcessInfo.processInfo.environment["QWAVE_FUZZ_INPUTS"] ?? "") ?? 3000
    static let seed =
        UInt64(ProcessInfo.processInfo.environment["QWAVE_FUZZ_SEED"] ?? "")
        ?? UInt64.random(in: 0...UInt64.max)

    /// A message that was changed, or another one altogether.
    private static func mangled(_ message: [UInt8], _ others: [[UInt8]], _ random: inout SplitMix64)
        -> [UInt8]
    {
        var message = message
        switch Int.random(in: 0..<8, using: &random) {
        case 0: message = Array(message.prefix(Int.random(in: 0...message.count, using: &random)))
        case 1: message.append(contentsOf: (0..<Int.random(in: 1...9, using: &random)).map { _ in 0 })
        case 2: message = others.randomElement(using: &random) ?? []
        case 3:
            message = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
        case 4, 5:
            // Noise of the right length and type: the worst that passes the checks.
            for index in 1..<max(1, message.count) {
                message[index] = UInt8.random(in: 0...255, using: &random)
            }
            if message.count > 1 { message[message.count - 1] = 0 }
        default:
            if !message.isEmpty {
                let bit = Int.random(in: 0..<message.count * 8, using: &random)
                message[bit / 8] ^= 1 << UInt8(bit % 8)
            }
        }
        return message
    }

    private static func pair(_ random: inout SplitMix64) -> RawPair {
        var frames: [KeyFrame] = []
        var start = 0
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let count = Int.random(in: 0...200, using: &random)
            let rate: Double = [0, 0.01, 0.05, 0.12, 0.25, 0.4, 0.5].randomElement(using: &random) ?? 0
            frames.append(KeyFrame(range: start..<start + count, errorRate: rate))
            start += count
        }
        let truth = Double.random(in: 0...0.5, using: &random)
        let errors = ErrorPattern.rate(truth).errors(frames, count: start, seed: random.next())
        return RawPair(frames: frames, errors: errors, seed: random.next())
    }

    @Test func `mangled, late, early and repeated messages end in a violation, a refusal or a result`() throws
    {
        print("fuzz seed \(Self.seed)")
        var random = SplitMix64(seed: Self.seed)
        var tried = 0
        while tried < Self.inputs {
            let pair = Self.pair(&random)
            let variant = Cascade.Variant.allCases.randomElement(using: &random) ?? .balanced
            let options = Cascade(variant, maximumRounds: 300)
            var initiator = try CascadeInitiator(pair.initiator, seed: random.next(), options: options)
            var responder = try CascadeResponder(pair.responder, options: options)
            var sent: [[UInt8]] = []
            var action = initiator.opening()
            let share: Double = [0.0, 0.02, 0.3].randomElement(using: &random) ?? 0
            var rounds = 0
            do throws(QWaveError) {
                while case .send(let message, _) = action {
                    rounds += 1
                    tried += 2
                    sent.append(message)
                    let isMangled = Double.random(in: 0..<1, using: &random) < share
                    let forward = isMangled ? Self.mangled(message, sent, &random) : message
                    let reply: [UInt8]
                    switch try responder.receive(forward) {
                    case .send(let bytes, _): reply = bytes
                    case .finish(let last, _): reply = last?.bytes ?? []
                    }
                    sent.append(reply)
                    let isReplyMangled = Double.random(in: 0..<1, using: &random) < share
                    action = try initiator.receive(
                        isReplyMangled ? Self.mangled(reply, sent, &random) : reply)
                    #expect(rounds <= 300)
                }
            } catch {
                #expect(error.code == .protocolViolation)
            }
        }
    }

    @Test func `a message early, twice or after the end is a violation`() throws {
        let pair = RawPair(count: 300, errorRate: 0.05, seed: 1)
        func isViolation(_ body: () throws -> Void) -> Bool {
            do {
                try body()
                return false
            } catch {
                return (error as? QWaveError)?.code == .protocolViolation
            }
        }
        var early = try CascadeInitiator(pair.initiator, seed: 1)
        #expect(isViolation { _ = try early.receive([0x22]) })
        var waiting = try CascadeResponder(pair.responder)
        #expect(isViolation { _ = try waiting.receive([0x21, 0]) })
        #expect(isViolation { _ = try waiting.receive([]) })

        var initiator = try CascadeInitiator(pair.initiator, seed: 1)
        var responder = try CascadeResponder(pair.responder)
        var action = initiator.opening()
        var last: [[UInt8]] = [[], []]
        while case .send(let message, _) = action {
            switch try responder.receive(message) {
            case .send(let reply, _):
                // The same opening again, and a message that skips one of the peer's.
                if message.first == 0x20 {
                    var copy = responder
                    #expect(isViolation { _ = try copy.receive(message) })
                }
                last = [message, reply]
            case .finish(let reply, _): last = [message, reply?.bytes ?? []]
            }
            action = try initiator.receive(last[1])
        }
        #expect(isViolation { _ = try initiator.receive(last[1]) })
        #expect(isViolation { _ = try responder.receive(last[0]) })
    }

    @Test func `a copy of a machine goes its own way`() throws {
        let pair = RawPair(count: 5000, errorRate: 0.05, seed: 2)
        var initiator = try CascadeInitiator(pair.initiator, seed: 3)
        var responder = try CascadeResponder(pair.responder)
        guard case .send(let opening, _) = initiator.opening(),
            case .send(let answer, _) = try responder.receive(opening)
        else { return }
        // The copies hear a lie; the originals finish as if nothing had been said.
        var liar = initiator
        var copy = responder
        _ = try liar.receive([0x22] + [UInt8](repeating: 0, count: answer.count - 1))
        var action = try initiator.receive(answer)
        guard case .send(let second, _) = action else { return }
        _ = try copy.receive([0x21] + [UInt8](repeating: 0, count: second.count - 1))
        var result: CorrectedKey?
        while case .send(let message, _) = action {
            switch try responder.receive(message) {
            case .send(let bytes, _): action = try initiator.receive(bytes)
            case .finish(let last, let end):
                result = try end.get()
                action = try initiator.receive(last?.bytes ?? [])
            }
        }
        #expect(result?.bits == pair.initiator.bits)
    }

    @Test func `memory stays within a bound that depends on the length only`() throws {
        var random = SplitMix64(seed: 9)
        for count in [1000, 20_000] {
            let pair = RawPair(count: count, errorRate: 0.02, seed: 4)
            for mode in 0..<3 {
                let search = try Cascade(.option3).search(pair.initiator, seed: 5)
                while search.questionCount > 0 {
                    let count = search.questionCount
                    try search.take(
                        (0..<count).map { _ in
                            mode == 0 ? true : mode == 1 ? false : Bool.random(using: &random)
                        })
                }
                // A tree for each of 16 passes and 8 subsets, 4 bytes a bit; lists, 16 bytes an interval.
                #expect(search.memory < 400_000 + 150 * count)
            }
        }
    }
}
