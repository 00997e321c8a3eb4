// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport
import Testing
import Transforms

@Suite struct FFTTests {
    static let sizes = [1, 2, 3, 7, 8, 52, 64, 100]

    static func noise(_ count: Int, seed: UInt64) -> [IQ] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in
            IQ(Float.random(in: -1...1, using: &random), Float.random(in: -1...1, using: &random))
        }
    }

    /// The definition, in double precision.
    static func naive(_ x: [IQ], sign: Double) -> [IQ] {
        let size = x.count
        return (0..<size).map { k in
            var re = 0.0
            var im = 0.0
            for (n, value) in x.enumerated() {
                let angle = sign * 2 * Double.pi * Double(k * n % size) / Double(size)
                re += Double(value.re) * cos(angle) - Double(value.im) * sin(angle)
                im += Double(value.re) * sin(angle) + Double(value.im) * cos(angle)
            }
            return IQ(Float(re), Float(im))
        }
    }

    static func distance(_ a: [IQ], _ b: [IQ]) -> Float {
        zip(a, b).map { ($0 - $1).amplitude }.max() ?? 0
    }

    @Test(arguments: sizes)
    func `both directions equal the definition`(size: Int) {
        let x = Self.noise(size, seed: UInt64(size))
        let transform = FFT(length: size)
        #expect(
            Self.distance(transform.forward(x), Self.naive(x, sign: -1)) < 1e-5 * Float(size).squareRoot() * 4
        )
        let expected = Self.naive(x, sign: 1).map { $0 * (1 / Float(size)) }
        #expect(Self.distance(transform.inverse(x), expected) < 1e-5)
    }

    @Test(arguments: [52, 64, 128])
    func `the fastest plan transforms like any other, also when many tasks ask for it at once`(size: Int)
        async
    {
        let x = Self.noise(size, seed: 9)
        let (forward, inverse) = (Self.naive(x, sign: -1), Self.naive(x, sign: 1))
        await withTaskGroup(of: Float.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let transform = FFT(length: size, effort: .fastest)
                    var inPlace = x
                    transform.inverse(inPlace: &inPlace)
                    return max(
                        Self.distance(transform.forward(x), forward),
                        Self.distance(inPlace.map { $0 * Float(size) }, inverse))
                }
            }
            for await distance in group { #expect(distance < 4e-5 * Float(size).squareRoot()) }
        }
    }

    @Test(arguments: sizes)
    func `arrays, spans and transforms in place agree`(size: Int) {
        let x = Self.noise(size, seed: 40 + UInt64(size))
        let transform = FFT(length: size)
        let forward = transform.forward(x)
        var inPlace = x
        transform.forward(inPlace: &inPlace)
        #expect(Self.distance(inPlace, forward) < 1e-5 * Float(size))
        transform.inverse(inPlace: &inPlace)
        #expect(Self.distance(inPlace, x) < 1e-5)
        var output = [IQ](repeating: .zero, count: size)
        var span = output.mutableSpan
        transform.forward(x.span, into: &span)
        #expect(output == forward)
        span = output.mutableSpan
        transform.inverse(forward.span, into: &span)
        #expect(Self.distance(output, x) < 1e-5)
    }

    @Test(arguments: [8, 52, 64])
    func `memory that is not aligned gives the same answer`(size: Int) {
        let transform = FFT(length: size)
        let x = Self.noise(size + 1, seed: 9)
        let expected = transform.forward(Array(x[1...]))
        var output = [IQ](repeating: .zero, count: size + 1)
        unsafe output.withUnsafeMutableBufferPointer { buffer in
            var tail = unsafe MutableSpan(_unsafeElements: UnsafeMutableBufferPointer(rebasing: buffer[1...]))
            transform.forward(x.span.extracting(1...), into: &tail)
        }
        #expect(Array(output[1...]) == expected)
        #expect(output[0] == .zero)
        var again = x
        unsafe again.withUnsafeMutableBufferPointer { buffer in
            var tail = unsafe MutableSpan(_unsafeElements: UnsafeMutableBufferPointer(rebasing: buffer[1...]))
            transform.forward(inPlace: &tail)
        }
        #expect(again[0] == x[0])
        #expect(Self.distance(Array(again[1...]), expected) < 1e-5 * Float(size))
    }

    @Test(arguments: [7, 64, 100])
    func `a pure tone lands in one bin`(size: Int) {
        for bin in [0, 1, size / 2, size - 1] {
            let tone = (0..<size).map { n in
                let angle = 2 * Double.pi * Double(bin * n % size) / Double(size)
                return IQ(Float(cos(angle)), Float(sin(angle)))
            }
            for (k, value) in FFT(length: size).forward(tone).enumerated() {
                #expect(abs(value.amplitude - (k == bin ? Float(size) : 0)) < 1e-3)
            }
        }
    }

    @Test(arguments: sizes)
    func `energy in frequency is N times energy in time`(size: Int) {
        let x = Self.noise(size, seed: 70 + UInt64(size))
        let time = x.reduce(0.0) { $0 + Double($1.power) }
        let frequency = FFT(length: size).forward(x).reduce(0.0) { $0 + Double($1.power) }
        #expect(abs(frequency / Double(size) - time) < 1e-5 * time)
    }

    @Test func `many tasks at once compute what one computes`() async {
        let transform = FFT(length: 100)
        let cosine = DCT2(rows: 8, columns: 13)
        let inputs = (0..<64).map { Self.noise(100, seed: 500 + $0) }
        let serial = inputs.map { transform.forward($0) }
        let blocks = inputs.map { x in (0..<104).map { Double(x[$0 % 100].re) } }
        let serialBlocks = blocks.map { cosine.forward($0) }
        await withTaskGroup(of: (Int, [IQ], [Double]).self) { group in
            for index in inputs.indices {
                group.addTask {
                    // Planning in the middle of others' executions must not disturb them.
                    _ = FFT(length: 30 + index)
                    return (index, transform.forward(inputs[index]), cosine.forward(blocks[index]))
                }
            }
            for await (index, result, block) in group {
                #expect(result == serial[index])
                #expect(block == serialBlocks[index])
            }
        }
    }
}
