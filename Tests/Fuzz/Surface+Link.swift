// SPDX-License-Identifier: GPL-3.0-or-later
import NIOCore
import QWaveCore
import TestSupport

@testable import Pairing
@testable import Quantization
@testable import Radio
@testable import Reconciliation
@testable import Transport

extension Surface {
    static func frames(_ bytes: [UInt8]) {
        var choices = Choices(bytes)
        let limit = 1 + choices.byte() * 16
        let stream = Array(choices.rest)
        // In one go and byte by byte: the same messages, the same end.
        let whole = messages(of: [stream], limit)
        let dribbled = messages(of: stream.map { [$0] }, limit)
        precondition(whole == dribbled)
    }

    /// The messages of a stream, and nil behind them where the parser refused.
    private static func messages(of pieces: [[UInt8]], _ limit: Int) -> [[UInt8]?] {
        var parser = FrameParser(limit: limit)
        var found: [[UInt8]?] = []
        for piece in pieces {
            var buffer = ByteBuffer(bytes: piece)
            parser.append(&buffer)
            do throws(QWaveError) {
                while let message = try parser.next() { found.append(message) }
            } catch {
                precondition(error.code == .protocolViolation)
                return found + [nil]
            }
        }
        return found
    }

    static func session(_ bytes: [UInt8]) {
        var choices = Choices(bytes)
        let choice = choices.byte()
        let rest = Array(choices.rest)
        refusing(with: .protocolViolation) { () throws(QWaveError) in
            switch choice % 5 {
            case 0:
                let list = try ProbeList(encoded: rest, atMost: 1 << 18)
                precondition(list.encoded.count <= ProbeList.bytes(ofAtMost: max(1 << 18, list.count)))
            case 1: _ = try BlockResume.decode(rest, answering: choice / 5 % 4)
            case 2: _ = try FeatureMatrix(encoded: rest, rows: 1 + choice / 5 % 7, columns: 3)
            case 3: _ = try SessionJSON.decode(Opening.Parameters.self, rest, what: "parameters")
            default:
                let terms = try SessionJSON.decode(ProbeTerms.self, rest, what: "terms")
                refusing(with: .usage, .badInput, .refused, .protocolViolation) { () throws(QWaveError) in
                    try terms.check()
                }
            }
        }
    }

    private static let bitCount = 384

    private static func key(_ seed: UInt64) -> RawKey {
        var random = SplitMix64(seed: seed)
        var bits = BitString(count: bitCount)
        for index in 0..<bitCount { bits[index] = Bool.random(using: &random) }
        return RawKey(bits: bits, frames: [KeyFrame(range: 0..<bitCount, errorRate: 0.05)])
    }

    static func cascade(_ bytes: [UInt8]) {
        guard var initiator = try? CascadeInitiator(key(1), seed: 3),
            case .send(let opening, _) = initiator.opening(),
            let responder = try? CascadeResponder(key(2))
        else { preconditionFailure("no opening") }
        converse(responder, bytes, header: Array(opening.prefix(CascadeMessage.openingHeader))) { _ in
            [CascadeMessage.parities]
        }
    }

    static func ldpc(_ bytes: [UInt8]) {
        guard var initiator = try? LDPCInitiator(key(1), seed: 3, options: LDPC(frameBits: 128)),
            case .send(let opening, _) = initiator.opening(),
            let responder = try? LDPCResponder(key(2), options: LDPC(frameBits: 128))
        else { preconditionFailure("no opening") }
        converse(responder, bytes, header: Array(opening.prefix(22))) { choice in
            [choice & 1 == 0 ? LDPCMessage.syndrome : LDPCMessage.reveal]
        }
    }

    /// Feeds a responder its peer's messages, the first behind an honest header, each of them from the input.
    private static func converse(
        _ responder: some ReconciliationMachine<CorrectedKey>, _ bytes: [UInt8], header: [UInt8],
        next: (Int) -> [UInt8]
    ) {
        var responder = responder
        var choices = Choices(bytes)
        // One choice in 16 leaves out the honest header too.
        var front = choices.byte() & 15 == 15 ? [] : header
        for _ in 0..<200 {
            let message = front + choices.piece()
            do throws(QWaveError) {
                guard case .send = try responder.receive(message) else { return }
            } catch {
                precondition(error.code == .protocolViolation, error.message)
                return
            }
            front = next(choices.byte())
        }
    }

    static func ether(_ bytes: [UInt8]) {
        refusing(with: .protocolViolation, .badInput) { () throws(QWaveError) in
            let written = try EtherRequest(bytes).encoded
            let again = try EtherRequest(written).encoded
            precondition(again == written)
        }
        refusing(with: .protocolViolation, .badInput) { () throws(QWaveError) in
            _ = try EtherAnswer(bytes)
        }
    }
}
