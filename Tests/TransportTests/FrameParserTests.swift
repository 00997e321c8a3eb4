// SPDX-License-Identifier: GPL-3.0-or-later
import NIOCore
import QWaveCore
import TestSupport
import Testing

@testable import Transport

@Suite struct FrameParserTests {
    private func frames(_ messages: [[UInt8]]) -> [UInt8] {
        messages.flatMap { message in
            (0..<4).map { UInt8(truncatingIfNeeded: message.count >> (24 - 8 * $0)) } + message
        }
    }

    @Test(arguments: [1, 2, 3, 5, 64, 4096])
    func `messages come out the same however the stream is cut`(chunk: Int) throws {
        let messages = [0, 1, 63, 64, 65, 1000, 70_000, 0, 2].map { message($0, seed: $0) }
        let stream = frames(messages)
        var parser = FrameParser(limit: 70_000)
        var found: [[UInt8]] = []
        for start in stride(from: 0, to: stream.count, by: chunk) {
            var part = ByteBuffer(bytes: stream[start..<min(start + chunk, stream.count)])
            parser.append(&part)
            while let next = try parser.next() { found.append(next) }
        }
        #expect(found == messages)
        #expect(parser.pendingBytes == 0)
        #expect(parser.capacity <= 1 << 16)
    }

    @Test(arguments: [1025, 1 << 20, Int(UInt32.max)])
    func `a length over the limit is refused from its four bytes alone`(length: Int) {
        var parser = FrameParser(limit: 1024)
        var bytes = ByteBuffer(integer: UInt32(length))
        parser.append(&bytes)
        let error = #expect(throws: QWaveError.self) { _ = try parser.next() }
        #expect(error?.code == .protocolViolation)
        #expect(error?.message.contains("\(length)") == true)
    }

    @Test func `an allowed length reserves nothing before its bytes come`() throws {
        var parser = FrameParser(limit: Limits.largestMessage)
        var bytes = ByteBuffer(integer: UInt32(Limits.largestMessage))
        parser.append(&bytes)
        #expect(try parser.next() == nil)
        #expect(parser.capacity <= 64)
    }

    @Test(arguments: [1, UInt64.random(in: 2 ... .max)])
    func `random bytes never do worse than an error`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<2000 {
            var parser = FrameParser(limit: 300)
            // Small first bytes make plausible lengths common.
            var bytes = (0..<Int.random(in: 0...700, using: &random)).map { _ in
                Bool.random(using: &random) ? 0 : UInt8.random(in: 0...255, using: &random)
            }
            let sent = bytes
            var taken = 0
            while !bytes.isEmpty {
                let count = Int.random(in: 1...bytes.count, using: &random)
                var part = ByteBuffer(bytes: bytes[..<count])
                bytes.removeFirst(count)
                parser.append(&part)
                do throws(QWaveError) {
                    while let next = try parser.next() {
                        // The same bytes, cut by hand.
                        #expect(Array(sent[taken + 4..<taken + 4 + next.count]) == next, "seed \(seed)")
                        taken += 4 + next.count
                    }
                } catch {
                    #expect(error.code == .protocolViolation, "seed \(seed)")
                    let declared = sent[taken..<taken + 4].reduce(0) { $0 << 8 | Int($1) }
                    #expect(declared > 300, "seed \(seed)")
                    break
                }
            }
        }
    }

    @Test func `limits stay in their range`() {
        #expect(Limits(message: 0).message == 1)
        #expect(Limits(message: .max).message == Limits.largestMessage)
    }
}
