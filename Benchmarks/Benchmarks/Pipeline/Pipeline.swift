// SPDX-License-Identifier: GPL-3.0-or-later
import Benchmark
import QWave

/// Errors of the benchmarks' own set-up.
struct Setup: Error { let reason: String }

/// SplitMix64: the same keys on every machine.
struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func bits(_ count: Int) -> BitString {
        BitString(words: (0..<(count + 63) / 64).map { _ in next() }, count: count)
    }
}

/// Two raw keys that differ in `errorRate` of their bits.
func rawKeys(count: Int, errorRate: Double) -> (RawKey, RawKey) {
    var generator = Generator(state: UInt64(count))
    let reference = generator.bits(count)
    var noisy = reference
    for bit in 0..<count where Double.random(in: 0..<1, using: &generator) < errorRate { noisy.flip(at: bit) }
    let frames = [KeyFrame(range: 0..<count, errorRate: errorRate)]
    return (RawKey(bits: reference, frames: frames), RawKey(bits: noisy, frames: frames))
}

/// Both ends of Cascade in one thread, messages passed by hand; the work of both is counted.
func reconcile(_ first: RawKey, _ second: RawKey, seed: UInt64) throws -> CorrectedKey {
    var initiator = try CascadeInitiator(first, seed: seed)
    var responder = try CascadeResponder(second)
    var action = initiator.opening()
    while true {
        guard case .send(let message, _) = action else { throw Setup(reason: "the initiator ended early") }
        switch try responder.receive(message) {
        case .send(let answer, _): action = try initiator.receive(answer)
        case .finish(_, let result): return try result.get()
        }
    }
}

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.cpuUser, .wallClock, .throughput], maxDuration: .seconds(3), maxIterations: 2000)

    for (count, name) in [(10_000, "10,000"), (100_000, "100,000")] {
        Benchmark("Cascade, both ends, \(name) bits, 2 %") { benchmark in
            let (first, second) = rawKeys(count: count, errorRate: 0.02)
            guard try reconcile(first, second, seed: 0).bits == first.bits else {
                throw Setup(reason: "the keys differ after Cascade")
            }
            var seed: UInt64 = 0
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations {
                seed += 1
                blackHole(try reconcile(first, second, seed: seed))
            }
        }
    }
    Benchmark("Toeplitz hash, 100,000 bits to 50,000") { benchmark in
        var generator = Generator(state: 9)
        let key = generator.bits(100_000)
        let hash = ToeplitzHash()
        let seed = generator.bits(try hash.seedBits(inputBits: key.count, outputBits: key.count / 2))
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            blackHole(try hash.hash(key, seed: seed, outputBits: key.count / 2))
        }
    }
}
