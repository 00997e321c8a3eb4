// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import Foundation
import QWaveCore
import TestSupport
import Testing

@Suite struct IQTests {
    @Test(
        .enabled(if: PrivateData.hasCaptures),
        arguments: ["conducted_dot11a_06mbps", "conducted_dot11n_7.2mbps", "radiated_dot11n_26mbps"],
        [1000, 1 << 20])
    func `recorded samples have the count, power and first values of their oracle`(name: String, piece: Int)
        throws
    {
        let oracle = try Oracle("iq/openofdm/\(name).dat")
        let reader = try IQFileReader(path: PrivateData.capture(oracle.path).path, format: .sc16)
        var samples: [IQ] = []
        while let next = try reader.next(count: piece) { samples += next }
        #expect(samples.count == oracle.int("samples"))
        let first = try #require(oracle.values["first8"] as? [[Int]])
        #expect(samples.prefix(8).map { [Int($0.re), Int($0.im)] } == first)
        let power = samples.reduce(0.0) { $0 + Double($1.re) * Double($1.re) + Double($1.im) * Double($1.im) }
        let rms = try #require(oracle.values["rms"] as? Double)
        #expect(abs((power / Double(samples.count)).squareRoot() - rms) < 1e-6 * rms)
    }

    @Test(.enabled(if: PrivateData.hasCaptures))
    func `a header in front of the samples is passed over`() throws {
        let oracle = try Oracle("iq/lte/f1860_s1.92_g0_1s_strong.bin")
        let skip = try #require(oracle.int("header_or_extra_bytes"))
        let reader = try IQFileReader(
            path: PrivateData.capture(oracle.path).path, format: .cu8, skipping: skip)
        var count = 0
        var sum = 0.0
        while let next = try reader.next() {
            count += next.count
            sum += next.reduce(0.0) { $0 + Double($1.re) }
        }
        #expect(count == oracle.int("samples"))
        // "offset 127.4 removes the DC"
        #expect(abs(sum / Double(count) + 0.1) < 0.1)
    }

    @Test(arguments: IQFormat.allCases)
    func `samples come back from their bytes, a cut sample is refused`(format: IQFormat) throws {
        var random = SplitMix64(seed: 3)
        let offset: Float = format == .cu8 ? 0.5 : 0
        let samples = (0..<100).map { _ in
            IQ(
                Float(Int.random(in: -128...127, using: &random)) + offset,
                Float(Int.random(in: -128...127, using: &random)) + offset)
        }
        let bytes = try format.encode(samples)
        #expect(bytes.count == 100 * format.bytesPerSample)
        #expect(try format.decode(bytes, name: "iq") == samples)
        let error = failure { _ = try format.decode(Array(bytes.dropLast()), name: "iq") }
        #expect(
            error?.code == .badInput && error?.message.contains("byte \(99 * format.bytesPerSample)") == true)
        #expect(failure { _ = try format.encode([IQ(.nan, 0)]) }?.code == .usage)
    }

    @Test func `integers are clipped and floats that are not finite are refused`() throws {
        let clipped = try IQFormat.sc16.encode([IQ(1e9, -1e9)])
        #expect(try IQFormat.sc16.decode(clipped, name: "iq") == [IQ(32_767, -32_768)])
        #expect(
            failure { _ = try IQFormat.fc32.decode([0, 0, 0xC0, 0x7F, 0, 0, 0, 0], name: "iq") }?.code
                == .badInput)
        #expect(
            failure { _ = try IQFileReader(path: "/nonexistent/iq", format: .sc16) }?.code == .unavailable)
    }
}
