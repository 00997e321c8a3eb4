// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Pairing

/// A peer that says the right thing at the wrong place.
@Suite struct OrderTests {
    /// For each place of an exchange (sender, type) every other message, as genuinely recorded.
    @Test(arguments: [0..<8, 8..<12, 12..<18, 18..<24])
    func `every message at a wrong place is a violation`(part: Range<Int>) async throws {
        let wire = Wire()
        _ = try await Bench().run(FlipTests.captures, over: wire)
        let firsts = FlipTests.firsts(wire)
        var random = SplitMix64(seed: UInt64(part.lowerBound))
        for place in firsts[part.clamped(to: firsts.indices)] {
            // Early places cost little: all others there; later ones a few.
            let others =
                firsts.filter { $0.bytes[0] != place.bytes[0] }.map(\.bytes)
                + [[], [SessionMessage.resume, 0], [SessionMessage.next, 1], [0x07], [0x7F], [0x0F, 0]]
            let tried = part.lowerBound == 0 ? others : Array(others.shuffled(using: &random).prefix(3))
            for message in tried {
                let replaced = Wire(spoiling(place.sender, place.index) { _ in message })
                let ending = try await Bench().run(FlipTests.captures, over: replaced)
                let hearer = place.sender == .initiator ? ending.responder : ending.initiator
                let name: Comment = "\(message.prefix(1)) for \(place.bytes[0]) of \(place.sender)"
                #expect(!ending.hung, name)
                // At a checkpoint every fault is the same one.
                #expect(
                    hearer.code == (place.bytes[0] == 0x60 ? .notAuthenticated : .protocolViolation), name)
            }
        }
    }

    @Test func `a message said twice is a violation`() async throws {
        let wire = Wire()
        _ = try await Bench().run(FlipTests.captures, over: wire)
        for said in FlipTests.firsts(wire).prefix(11) where said.index > 0 {
            let before = wire.said(by: said.sender)[said.index - 1].bytes
            let repeated = Wire(spoiling(said.sender, said.index) { _ in before })
            let ending = try await Bench().run(FlipTests.captures, over: repeated)
            let hearer = said.sender == .initiator ? ending.responder : ending.initiator
            #expect(!ending.hung && hearer.code == .protocolViolation, "type \(said.bytes[0])")
        }
    }

    @Test func `a rate that no clock can have is a violation`() async throws {
        for rate in ["1e300", "-1", "0"] {
            let wire = Wire { said in
                guard said.bytes.first == SessionMessage.parameters, said.sender == .responder else {
                    return .pass(said.bytes)
                }
                let text = String(decoding: said.bytes[9...], as: UTF8.self)
                    .replacing("\"rate\":50", with: "\"rate\":\(rate)")
                var writer = ByteWriter()
                writer.write(SessionMessage.parameters)
                writer.write(UInt64(text.utf8.count))
                writer.write(Array(text.utf8))
                return .pass(writer.bytes)
            }
            let ending = try await Bench().run(Traces.pair(2000), over: wire)
            #expect(!ending.hung && ending.initiator.code == .protocolViolation, "\(rate)")
        }
    }
}
