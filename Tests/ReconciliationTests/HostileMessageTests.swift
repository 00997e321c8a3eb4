// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

/// Bytes that no honest peer would send end in a protocol violation or a refused key, never in a trap.
@Suite struct HostileMessageTests {
    /// Runs both machines and then verification, with each message passed through `tamper`.
    ///
    /// Returns the bits that each end accepted, nil where it gave none, and what was thrown.
    static func run(
        _ pair: RawPair, seed: UInt64, tamper: (Int, [UInt8]) -> [UInt8]
    ) throws -> (accepted: [BitString?], error: QWaveError?) {
        var initiator = try CascadeInitiator(pair.initiator, seed: seed)
        var responder = try CascadeResponder(pair.responder)
        var keys: [CorrectedKey?] = [nil, nil]
        var number = 0
        func pass(_ bytes: [UInt8]) -> [UInt8] {
            defer { number += 1 }
            return tamper(number, bytes)
        }
        var accepted: [BitString?] = [nil, nil]
        do throws(QWaveError) {
            keys = try talk(&initiator, initiator.opening(), &responder, pass)
            guard let first = keys[0], let second = keys[1] else { return (accepted, nil) }
            var left = VerificationInitiator(first, hashKey: CascadePlan.mix(seed &+ 1))
            var right = VerificationResponder(second)
            accepted = try talk(&left, left.opening(), &right, pass).map { $0?.bits }
            return (accepted, nil)
        } catch {
            return (accepted, error)
        }
    }

    private static func talk<A: ReconciliationMachine, B: ReconciliationMachine>(
        _ first: inout A, _ opening: ReconciliationAction<A.Result>?, _ second: inout B,
        _ pass: ([UInt8]) -> [UInt8]
    ) throws(QWaveError) -> [A.Result?] where A.Result == B.Result {
        var action = opening
        var results: [A.Result?] = [nil, nil]
        while true {
            guard case .send(let message, _) = action else {
                if case .finish(_, let result) = action { results[0] = try? result.get() }
                return results
            }
            switch try second.receive(pass(message)) {
            case .send(let bytes, _): action = try first.receive(pass(bytes))
            case .finish(let last, let result):
                results[1] = try? result.get()
                guard let last else { return results }
                action = try first.receive(pass(last.bytes))
            }
        }
    }

    @Test func `every truncation and every extension is a protocol violation`() throws {
        let pair = RawPair(count: 300, errorRate: 0.06, seed: 3)
        var lengths: [Int] = []
        _ = try Self.run(pair, seed: 4) { _, message in
            lengths.append(message.count)
            return message
        }
        for (target, length) in lengths.enumerated() {
            for cut in 0..<length {
                let result = try Self.run(pair, seed: 4) { $0 == target ? Array($1.prefix(cut)) : $1 }
                #expect(result.error?.code == .protocolViolation, "message \(target) cut to \(cut)")
            }
            for extra in [1, 2, 9] {
                let result = try Self.run(pair, seed: 4) {
                    $0 == target ? $1 + [UInt8](repeating: 0, count: extra) : $1
                }
                #expect(result.error?.code == .protocolViolation, "message \(target) with \(extra) more")
            }
        }
    }

    @Test func `every flipped bit ends without unequal keys being accepted`() throws {
        let pair = RawPair(count: 200, errorRate: 0.06, seed: 8)
        var lengths: [Int] = []
        _ = try Self.run(pair, seed: 4) { _, message in
            lengths.append(message.count)
            return message
        }
        var violations = 0
        var refusals = 0
        for (target, length) in lengths.enumerated() {
            for bit in 0..<length * 8 {
                let result = try Self.run(pair, seed: 4) { number, message in
                    guard number == target else { return message }
                    var message = message
                    message[bit / 8] ^= 1 << UInt8(bit % 8)
                    return message
                }
                if let error = result.error {
                    #expect(error.code == .protocolViolation)
                    violations += 1
                } else if result.accepted.contains(where: { $0 == nil }) {
                    refusals += 1
                } else {
                    #expect(result.accepted[0] == result.accepted[1], "message \(target), bit \(bit)")
                }
            }
        }
        #expect(violations > 0 && refusals > 0)
    }

    @Test func `random answers and random bytes never trap and never run for ever`() throws {
        var random = SplitMix64(seed: 2026)
        for round in 0..<300 {
            let size = Int.random(in: 0...400, using: &random)
            let rate = Double.random(in: 0...0.5, using: &random)
            let key = RawPair(count: size, errorRate: rate, seed: UInt64(round))
            // An initiator faces a responder whose every answer is noise of the right length.
            var initiator = try CascadeInitiator(key.initiator, seed: UInt64(round))
            var action = initiator.opening()
            var messages = 0
            while case .send(_, let price) = action {
                var bits = (0..<Int(price.bits)).map { _ in Bool.random(using: &random) }
                if round % 3 == 0 { bits = bits.map { _ in true } }
                action = try initiator.receive([CascadeMessage.errorParities] + pack(bits))
                messages += 1
                #expect(messages <= size + 64)
                if messages > size + 64 { break }
            }
            // A responder faces bytes that only look like an opening.
            var responder = try CascadeResponder(key.responder)
            let noise = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            #expect { try responder.receive([0x20, 2] + noise) } throws: {
                ($0 as? QWaveError)?.code == .protocolViolation
            }
        }
    }

    @Test func `a message after the end and a message of another type have no place`() throws {
        let pair = RawPair(count: 100, errorRate: 0.02, seed: 1)
        var initiator = try CascadeInitiator(pair.initiator, seed: 1)
        _ = initiator.opening()
        for type in 0...255 as ClosedRange<UInt8> where type != 0x22 {
            var copy = initiator
            #expect { try copy.receive([type, 0, 0, 0]) } throws: {
                ($0 as? QWaveError)?.code == .protocolViolation
            }
        }
        let key = CorrectedKey(bits: pair.initiator.bits, corrected: 0)
        let sender = VerificationInitiator(key, hashKey: 5)
        guard case .send(let hash, _) = sender.opening() else { return }
        var receiver = VerificationResponder(key)
        _ = try receiver.receive(hash)
        #expect { try receiver.receive(hash) } throws: { ($0 as? QWaveError)?.code == .protocolViolation }
        var verdict = sender
        #expect { try verdict.receive([0x31, 2]) } throws: { ($0 as? QWaveError)?.code == .protocolViolation }
    }
}
