// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

/// Bytes that no honest peer would send end in a protocol violation or a wrong candidate, never in a trap.
@Suite struct LDPCHostileTests {
    /// Runs both machines with each message passed through `tamper`.
    static func run(
        _ pair: RawPair, options: LDPC = LDPC(frameBits: 100), seed: UInt64, tamper: (Int, [UInt8]) -> [UInt8]
    ) throws -> (keys: [BitString?], error: QWaveError?, messages: Int) {
        var initiator = try LDPCInitiator(pair.initiator, seed: seed, options: options)
        var responder = try LDPCResponder(pair.responder, options: options)
        var keys: [BitString?] = [nil, nil]
        var number = 0
        func pass(_ bytes: [UInt8]) -> [UInt8] {
            defer { number += 1 }
            return tamper(number, bytes)
        }
        do throws(QWaveError) {
            var action = initiator.opening()
            while let step = action {
                var message: [UInt8]?
                switch step {
                case .send(let bytes, _): message = bytes
                case .finish(let last, let result):
                    keys[0] = try? result.get().bits
                    message = last?.bytes
                }
                guard let bytes = message else { break }
                switch try responder.receive(pass(bytes)) {
                case .send(let answer, _): action = try initiator.receive(pass(answer))
                case .finish(let last, let result):
                    keys[1] = try? result.get().bits
                    action = nil
                    if let last { action = try initiator.receive(pass(last.bytes)) }
                }
            }
            return (keys, nil, number)
        } catch {
            return (keys, error, number)
        }
    }

    /// A pair that takes several rounds and ends with bits told.
    static let pair = RawPair(count: 300, errorRate: 0.03, pattern: .rate(0.3), seed: 3)

    @Test func `every truncation and every extension is a protocol violation`() throws {
        var lengths: [Int] = []
        let honest = try Self.run(Self.pair, seed: 4) { _, message in
            lengths.append(message.count)
            return message
        }
        #expect(honest.keys == [Self.pair.initiator.bits, Self.pair.initiator.bits] && honest.messages > 5)
        for (target, length) in lengths.enumerated() {
            for cut in 0..<length {
                let result = try Self.run(Self.pair, seed: 4) { $0 == target ? Array($1.prefix(cut)) : $1 }
                #expect(result.error?.code == .protocolViolation, "message \(target) cut to \(cut)")
            }
            for extra in [1, 2, 9] {
                let result = try Self.run(Self.pair, seed: 4) {
                    $0 == target ? $1 + [UInt8](repeating: 0, count: extra) : $1
                }
                #expect(result.error?.code == .protocolViolation, "message \(target) with \(extra) more")
            }
        }
    }

    @Test func `every flipped bit ends in bounded time, and what differs is left to verification`() throws {
        let pair = RawPair(count: 150, errorRate: 0.05, seed: 8)
        var lengths: [Int] = []
        _ = try Self.run(pair, seed: 4) { _, message in
            lengths.append(message.count)
            return message
        }
        var violations = 0
        for (target, length) in lengths.enumerated() {
            for bit in 0..<length * 8 {
                let result = try Self.run(pair, seed: 4) { number, message in
                    guard number == target else { return message }
                    var message = message
                    message[bit / 8] ^= 1 << UInt8(bit % 8)
                    return message
                }
                #expect(result.messages < 40)
                if let error = result.error {
                    #expect(error.code == .protocolViolation)
                    violations += 1
                }
            }
        }
        #expect(violations > 0)
    }

    @Test func `a message twice, out of turn, after the end or of another type has no place`() throws {
        let options = LDPC(frameBits: 100)
        let initiator = try LDPCInitiator(Self.pair.initiator, seed: 1, options: options)
        var opened = initiator
        guard case .send(let opening, _) = opened.opening() else { return }
        for type in 0...255 as ClosedRange<UInt8> {
            if type != LDPCMessage.verdicts {
                var copy = opened
                #expect { try copy.receive([type, 0]) } throws: {
                    ($0 as? QWaveError)?.code == .protocolViolation
                }
            }
            if type != LDPCMessage.opening {
                var fresh = try LDPCResponder(Self.pair.responder, options: options)
                #expect { try fresh.receive([type] + opening.dropFirst()) } throws: {
                    ($0 as? QWaveError)?.code == .protocolViolation
                }
            }
        }
        var responder = try LDPCResponder(Self.pair.responder, options: options)
        _ = try responder.receive(opening)
        #expect { try responder.receive(opening) } throws: {
            ($0 as? QWaveError)?.code == .protocolViolation
        }
        // All frames decoded: whatever comes then comes too late.
        _ = try opened.receive([LDPCMessage.verdicts, 0b111])
        #expect { try opened.receive([LDPCMessage.verdicts, 0b111]) } throws: {
            ($0 as? QWaveError)?.code == .protocolViolation
        }
    }

    @Test func `random answers and random syndromes never trap and never run for ever`() throws {
        var random = SplitMix64(seed: 2026)
        for round in 0..<150 {
            let size = Int.random(in: 0...700, using: &random)
            let rate = Double.random(in: 0...0.5, using: &random)
            let options = LDPC(frameBits: Int.random(in: 1...300, using: &random))
            let key = RawPair(count: size, errorRate: rate, seed: UInt64(round))
            // An initiator faces a responder whose verdicts are noise of the right length.
            var initiator = try LDPCInitiator(key.initiator, seed: UInt64(round), options: options)
            let plan = try options.plan(key.initiator)
            var progress = LDPCProgress(plan)
            var action = initiator.opening()
            var messages = 0
            while case .send = action {
                let verdicts = progress.open.map { _ in round % 3 != 0 && Bool.random(using: &random) }
                var field = BitWriter()
                for verdict in verdicts { field.write(verdict ? 1 : 0, width: 1) }
                action = try initiator.receive([LDPCMessage.verdicts] + field.packed)
                progress.take(verdicts)
                messages += 1
                #expect(messages <= 64)
            }
            // A responder faces syndromes that are noise of the right length, behind an honest header.
            guard let opening = Self.bytes(try LDPCInitiator(key.initiator, seed: 5, options: options)) else {
                continue
            }
            var responder = try LDPCResponder(key.responder, options: options)
            var known = LDPCProgress(plan)
            var header = Array(opening.prefix(22))
            for _ in 0..<70 {
                var field = BitWriter()
                for _ in 0..<known.fieldBits { field.write(random.next(), width: 1) }
                guard case .send(let answer, _) = try responder.receive(header + field.packed) else { break }
                known.take(known.open.indices.map { answer[1 + $0 / 8] >> UInt8($0 % 8) & 1 != 0 })
                header = [known.step == .reveal ? LDPCMessage.reveal : LDPCMessage.syndrome]
            }
        }
    }

    static func bytes(_ initiator: LDPCInitiator) -> [UInt8]? {
        var initiator = initiator
        switch initiator.opening() {
        case .send(let bytes, _): return bytes
        case .finish(let last, _): return last?.bytes
        case nil: return nil
        }
    }
}
