// SPDX-License-Identifier: GPL-3.0-or-later
import Benchmark
import QWave

/// Errors of the benchmarks' own set-up.
struct Setup: Error { let reason: String }

private func bits(_ count: Int, seed: UInt64) -> BitString {
    var state = seed
    return BitString(
        words: (0..<(count + 63) / 64).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }, count: count)
}

/// A long code near a leak of 0.48, its kernels on noise: every try uses all its iterations.
private func decoding(_ benchmark: Benchmark, frameBits: Int, kernel: LDPCKernel) throws {
    guard let found = LongCode.covering(leak: 0.48, bits: frameBits) else {
        throw Setup(reason: "no code for \(frameBits) bits")
    }
    let code = try found.code.code(lift: found.lift)
    let decoder = LDPCDecoder(code, level: found.level, kernel: kernel)
    let words = frameBits / 64
    let noise = bits(frameBits, seed: 1)
    let syndrome = [UInt64](
        repeating: 0x5555_AAAA_3333_CCCC, count: code.rows(level: found.level) * code.rowWords)
    precondition(words == code.columns * code.rowWords, "a frame fills the code")
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations {
        noise.withWords { decoder.load($0, magnitude: 7) }
        decoder.forget()
        blackHole(decoder.decode(syndrome.span, iterations: 10))
    }
}

let benchmarks: @Sendable () -> Void = {
    // Processor time is counted in hundredths of a second, so that only the clock tells kernels apart.
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput], scalingFactor: .one, maxDuration: .seconds(2), maxIterations: 5000
    )

    for kernel in [LDPCKernel.automatic, .generic] {
        Benchmark("LDPC decoder, 16,384 bits, 10 iterations, \(kernel)") { benchmark in
            try decoding(benchmark, frameBits: 16_384, kernel: kernel)
        }
    }
    Benchmark("LDPC decoder, 1,048,576 bits, 10 iterations") { benchmark in
        try decoding(benchmark, frameBits: 1 << 20, kernel: .automatic)
    }
    for kernel in [ClmulKernel.automatic, .generic] {
        Benchmark("Toeplitz product, 10,000 bits to 5,000, \(kernel)") { benchmark in
            let key = bits(10_000, seed: 2)
            let hash = ToeplitzHash(kernel: kernel)
            let seed = bits(try hash.seedBits(inputBits: key.count, outputBits: 5000), seed: 3)
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations {
                blackHole(try hash.hash(key, seed: seed, outputBits: 5000))
            }
        }
    }
    Benchmark("Verification hash, 1,000,000 bits") { benchmark in
        let key = bits(1_000_000, seed: 4)
        let hash = VerificationHash(key: 0x1234_5678_9ABC_DEF1)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(hash.hash(key)) }
    }
}
