// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Quantization
import TestSupport
import Testing

@testable import Pairing

/// Everything that this room reads from its peer: any bytes give a value or an error, never a trap.
@Suite struct DecoderTests {
    private func code(_ body: () throws(QWaveError) -> Void) -> QWaveError.Code? {
        do throws(QWaveError) { try body() } catch { return error.code }
        return nil
    }

    private func decoded(_ bytes: [UInt8]) throws(QWaveError) -> ProbeList {
        try ProbeList(encoded: bytes, atMost: ProbeList.maximumCount)
    }

    @Test(arguments: [
        ProbeList.sequences([0, 1, .max, 7]), .times([0, -1.5, 1e300]), .rows(12), .rows(100_000_000),
        .sequences([]), .times([]), .sequences(Array(5..<900) + [2000] + Array(3..<40)),
        .sequences([.max - 1, .max]), .sequences([.max - 1, .max, 0, 1, 1, 2]),
    ])
    func `a probe list comes back, and no part of its bytes or more of them is one`(list: ProbeList) throws {
        let bytes = list.encoded
        #expect(try decoded(bytes) == list)
        for count in 0..<bytes.count {
            #expect(
                code { () throws(QWaveError) in _ = try decoded(Array(bytes[..<count])) }
                    == .protocolViolation)
        }
        #expect(
            code { () throws(QWaveError) in _ = try decoded(bytes + [0]) } == .protocolViolation)
    }

    @Test func `a probe list's count alone reserves nothing`() {
        for kind: UInt8 in 0...4 {
            for count in [UInt64.max, 1 << 61, 100_000_001, 100_000_000, 1 << 40]
            where kind != 2 || count > 100_000_000 {
                var writer = ByteWriter()
                writer.write(kind)
                writer.write(count)
                let error = code { () throws(QWaveError) in _ = try decoded(writer.bytes) }
                #expect(error == .protocolViolation, "\(kind) \(count)")
            }
        }
        var writer = ByteWriter()
        writer.write(UInt8(1))
        writer.write(UInt64(1))
        writer.write(Double.nan)
        #expect(
            code { () throws(QWaveError) in _ = try decoded(writer.bytes) } == .protocolViolation)
    }

    @Test func `a peer's list may have the longest own one's size and never an endless one`() {
        #expect(ProbeList.rows(0).peerLimit == 1 << 18)
        #expect(ProbeList.rows(1_000_000).peerLimit == 8_000_000)
        #expect(ProbeList.rows(100_000_000).peerLimit == 100_000_000)
        #expect(ProbeList.bytes(ofAtMost: 1 << 18) == 9 + 8 << 18)
    }

    /// A list of runs: kind, count, then first number and length of each.
    private func runs(_ count: UInt64, _ runs: [(UInt64, UInt32)]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt8(3))
        writer.write(count)
        for (first, length) in runs {
            writer.write(first)
            writer.write(length)
        }
        return writer.bytes
    }

    @Test func `numbers without a gap travel as runs, and the same numbers come out of either form`() throws {
        let counted = ProbeList.sequences(Array(7..<90_007))
        #expect(counted.encoded == runs(90_000, [(7, 90_000)]))
        // Every fifth is lost: still shorter than number after number.
        let lossy = ProbeList.sequences((0..<1000).filter { $0 % 5 != 0 })
        #expect(lossy.encoded.count == 9 + 200 * 12)
        #expect(try decoded(lossy.encoded) == lossy)
        // Every second: longer, so number after number.
        let sparse = ProbeList.sequences((0..<1000).filter { $0 % 2 == 0 })
        #expect(sparse.encoded.count == 9 + 500 * 8)
        let read = try decoded(runs(4, [(9, 2), (3, 1), (.max, 1)]))
        #expect(read == .sequences([9, 10, 3, .max]))
    }

    @Test func `runs that are empty, pass the last number or do not add up are refused`() {
        for bytes in [
            runs(0, [(1, 0)]), runs(1, [(1, 1), (2, 0)]), runs(2, [(.max, 2)]), runs(3, [(1, 2)]),
            runs(2, [(1, 3)]), runs(1 << 32, [(0, .max), (0, 1)]), runs(262_145, [(0, 262_145)]),
            runs(1, [(1, 1)]) + [0],
        ] {
            let error = code { () throws(QWaveError) in
                _ = try ProbeList(encoded: bytes, atMost: ProbeList.rows(0).peerLimit)
            }
            #expect(error == .protocolViolation)
        }
    }

    @Test func `published samples come back, and nothing else is read as such`() throws {
        let matrix = FeatureMatrix(rows: 3, columns: 2, values: [0, -1, 2.5, 1e12, -1e-30, 7])
        let bytes = matrix.encoded
        #expect(try FeatureMatrix(encoded: bytes, rows: 3, columns: 2) == matrix)
        for count in [0, 1, 4, 23, 25] {
            let wrong = Array((bytes + [0])[..<count])
            #expect(
                code { () throws(QWaveError) in _ = try FeatureMatrix(encoded: wrong, rows: 3, columns: 2) }
                    == .protocolViolation)
        }
        for bad in [Float.nan, .infinity, -.infinity, 2e12, -.greatestFiniteMagnitude] {
            let wrong = FeatureMatrix(rows: 1, columns: 1, values: [bad]).encoded
            #expect(
                code { () throws(QWaveError) in _ = try FeatureMatrix(encoded: wrong, rows: 1, columns: 1) }
                    == .protocolViolation)
        }
    }

    @Test func `a RESUME list comes back, and no part of its bytes or more of them is one`() throws {
        let list = (0..<3).map { [UInt8](repeating: UInt8($0), count: 16) }
        let bytes = BlockResume.encode(list) + [2, 0]
        let read = try BlockResume.decode(bytes, answering: 2)
        #expect(read.list == list && read.answers == [2, 0])
        for count in 0..<bytes.count {
            let part = Array(bytes[..<count])
            #expect(
                code { () throws(QWaveError) in _ = try BlockResume.decode(part, answering: 2) }
                    == .protocolViolation)
        }
        for bad in [
            bytes + [0], BlockResume.encode(list) + [4, 0], [0, 0, 16, 1] + bytes, [255, 255, 255, 255],
        ] {
            #expect(
                code { () throws(QWaveError) in _ = try BlockResume.decode(bad, answering: 2) }
                    == .protocolViolation)
        }
    }

    @Test func `parameters come back, and no part of their bytes is read as such`() throws {
        let own = Opening.Parameters(
            configuration: "ab", sequence: .max, kind: .canonical, columns: 104, tones: [-26, 26],
            simulated: true, rate: 50, commits: false)
        let bytes = try SessionJSON.encode(own)
        #expect(try SessionJSON.decode(Opening.Parameters.self, bytes, what: "parameters") == own)
        for count in 0..<bytes.count {
            let part = Array(bytes[..<count])
            #expect(
                code { () throws(QWaveError) in
                    _ = try SessionJSON.decode(Opening.Parameters.self, part, what: "parameters")
                } == .protocolViolation)
        }
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 200_000)
        #expect(
            code { () throws(QWaveError) in
                _ = try SessionJSON.decode(Opening.Parameters.self, deep, what: "parameters")
            } == .protocolViolation)
    }

    @Test func `random and damaged bytes never trap a decoder`() throws {
        var random = SplitMix64(seed: 11)
        let seeds: [[UInt8]] = [
            ProbeList.sequences([1, 2, 3]).encoded, ProbeList.times([1, 2]).encoded,
            ProbeList.rows(5).encoded, ProbeList.sequences(Array(0..<50)).encoded,
            BlockResume.encode([[UInt8](repeating: 1, count: 16)]) + [1],
            try SessionJSON.encode(
                Opening.Parameters(
                    configuration: "ab", sequence: 1, kind: .scalar, columns: 1, tones: [0], simulated: true,
                    rate: 50, commits: true)),
        ]
        var read = 0
        for round in 0..<4000 {
            var bytes: [UInt8]
            if round % 2 == 0 {
                bytes = (0..<Int.random(in: 0..<64, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            } else {
                bytes = seeds[round / 2 % seeds.count]
                for _ in 0..<3 {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                        in: 0...255, using: &random)
                }
            }
            for failure in [
                code { () throws(QWaveError) in _ = try decoded(bytes) },
                code { () throws(QWaveError) in _ = try BlockResume.decode(bytes, answering: 1) },
                code { () throws(QWaveError) in _ = try FeatureMatrix(encoded: bytes, rows: 2, columns: 3) },
                code { () throws(QWaveError) in
                    _ = try SessionJSON.decode(Opening.Parameters.self, bytes, what: "parameters")
                },
            ] {
                #expect(failure == nil || failure == .protocolViolation)
                if failure == nil { read += 1 }
            }
        }
        #expect(read > 100)
    }
}
