// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Testing

@testable import Laboratory

/// The detectors of the attacks against what they must see, and what they mustn't.
@Suite struct ScannerTests {
    @Test(.enabled(if: FileManager.default.isReadableFile(atPath: "/proc/self/mem"), "Linux only"))
    func `the memory scanner sees a living copy, and neither itself nor a wiped one`() throws {
        func noise(_ seed: UInt64) -> (Int) -> UInt8 {
            { place in
                var generator = ExperimentGenerator(seed: seed &+ UInt64(place))
                return UInt8(truncatingIfNeeded: generator.next())
            }
        }
        func scanner(_ seed: UInt64) -> MemoryScanner {
            var scanner = MemoryScanner()
            scanner.add(count: 32, "", noise(seed))
            return scanner
        }
        #expect(scanner(100).hits() == 0)
        let living = (0..<32).map(noise(200))
        #expect(try #require(scanner(200).hits()) >= 1)
        withExtendedLifetime(living) {}
        var wiped = (0..<32).map(noise(400))
        wiped.wipe()
        #expect(scanner(400).hits() == 0)
        withExtendedLifetime(wiped) {}
    }

    @Test func `hexadecimal and base64 needles are what the usual encoders write`() {
        let bytes = (0..<30).map { UInt8(truncatingIfNeeded: $0 &* 83 &+ 5) }
        var scanner = MemoryScanner()
        scanner.add(bytes, at: 3)
        let window = Array(bytes[3..<27])
        let texts = [
            window, Array(window.map { String(format: "%02x", $0) }.joined().utf8),
            Array(Data(window).base64EncodedString().utf8),
        ]
        #expect(scanner.plain == texts)
    }

    @Test func `Welch's t and the two-sample test agree with independent values`() {
        let a = [27.5, 21, 19, 23.6, 17, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19, 21.7, 21.4]
        let b = [27.1, 22, 20.8, 23.4, 23.4, 23.5, 25.8, 22, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 31.3]
        // By Python's statistics module.
        #expect(abs(AbortTiming.welch(a, b) + 2.949236837313106) < 1e-12)
        #expect(AbortTiming.welch(a, a) == 0 && AbortTiming.welch([1, 1], [2, 2]) == -.infinity)
        #expect(AbortTiming.kolmogorovSmirnov(a, a) == 1)
        let low = (0..<20).map { Double($0) }
        let high = low.map { $0 + 100 }
        #expect(AbortTiming.kolmogorovSmirnov(low, high) < 1e-6)
        // Shifted by a half of a step of 20: distance 1/20.
        #expect(AbortTiming.kolmogorovSmirnov(low, low.map { $0 + 0.5 }) > 0.99)
    }

    @Test func `the rank of rows of 128 bits is that of a count by hand`() {
        var rank = BinaryRank()
        for row in [(1, 0), (3, 0), (2, 0), (0, 1 << 63), (1, 1 << 63), (0, 0)] as [(UInt64, UInt64)] {
            rank.add(row)
        }
        #expect(rank.value == 3)
        for bit in 0..<64 { rank.add((1 << UInt64(bit), 1 << UInt64(bit))) }
        // The 64 rows with one bit in each half, and the three before them.
        #expect(rank.value == 67)
    }

    @Test func `the judge of reuse sees a frame over used bytes and a mask under two seals`() {
        func frame(_ offset: UInt64, _ body: Int) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: 52 + body)
            for place in 0..<8 {
                bytes[24 + place] = UInt8(truncatingIfNeeded: offset >> UInt64(56 - 8 * place))
            }
            bytes[35] = UInt8(body)
            return bytes
        }
        var log = UseLog()
        log.see(frame(0, 20) + frame(24, 12), from: .initiator)
        log.see(frame(0, 20), from: .responder)
        #expect(log.reused == 0 && log.uses == 3)
        log.see(frame(39, 20), from: .initiator)
        #expect(log.reused == 1)
        let seal = WireMessage(sender: .initiator, index: 0, bytes: [0x60] + [UInt8](repeating: 1, count: 24))
        log.see(seal)
        log.see(seal)
        #expect(log.reused == 1)
        var other = seal
        other.bytes[20] = 9
        log.see(other)
        #expect(log.reused == 2)
    }
}
