// SPDX-License-Identifier: GPL-3.0-or-later
public import Fields
internal import Foundation
public import PrivacyAmplification
public import QWaveCore

/// Measures Toeplitz hashing: processor time of whole calls of `ToeplitzHash.hash`, with a random key and seed in
/// memory. One hash before the first isn't counted, so that tables and caches are there.
public struct AmplifyBenchmark: Sendable {
    public var form: ToeplitzHash.Form
    public var kernel: ClmulKernel
    public var threads: Int
    /// Processor time to spend on a case, beyond at least three hashes.
    public var seconds: Double

    public init(
        form: ToeplitzHash.Form = .modified, kernel: ClmulKernel = .automatic, threads: Int = 1,
        seconds: Double = 0.5
    ) {
        self.form = form
        self.kernel = kernel
        self.threads = threads
        self.seconds = seconds
    }

    /// Measures one pair of lengths.
    ///
    /// Throws `.unavailable` for a kernel that this machine lacks and `.badInput` for lengths that make no hash.
    public func run(inputBits n: Int, outputBits m: Int) throws(QWaveError) -> AmplifyRow {
        guard kernel.isAvailable else {
            throw QWaveError(
                .unavailable,
                "this machine lacks the kernel \(kernel); it has \(ClmulKernel.available.map { "\($0)" })")
        }
        let hash = ToeplitzHash(form: form, threads: threads, kernel: kernel)
        let seedBits = try hash.seedBits(inputBits: n, outputBits: m)
        let key = Self.random(n, 1)
        let seed = Self.random(seedBits, 2)
        ProcessUse.forgetPeak()
        var times: [(processor: Double, wall: Double)] = []
        // Short hashes are timed in batches, for the clock itself takes a microsecond.
        let batch = max(1, 1_000_000 / n)
        let begin = ProcessUse.seconds()
        while times.count < 4 || (times.count < 1000 && ProcessUse.seconds() - begin < seconds) {
            let clock = ContinuousClock.now
            let before = ProcessUse.seconds()
            for _ in 0..<batch { _ = try hash.hash(key, seed: seed, outputBits: m) }
            let spent = ProcessUse.seconds() - before
            times.append((spent / Double(batch), (ContinuousClock.now - clock) / .seconds(batch)))
        }
        times.removeFirst()
        let median = { (values: [Double]) in values.sorted()[values.count / 2] }
        return AmplifyRow(
            inputBits: n, outputBits: m, form: "\(form)",
            kernel: "\(kernel == .automatic ? .chosen : kernel)",
            algorithm: "\(hash.method(inputBits: n, outputBits: m))", threads: threads,
            repeats: times.count * batch, megabitsPerSecond: Double(n) / median(times.map(\.processor)) / 1e6,
            wallMegabitsPerSecond: Double(n) / median(times.map(\.wall)) / 1e6,
            peakBytes: ProcessUse.peakBytes())
    }

    private static func random(_ count: Int, _ seed: UInt64) -> BitString {
        var generator = ExperimentGenerator(seed: seed)
        // In place, so that no copy stands in the peak.
        var bits = BitString(count: count)
        bits.withMutableWords { words in
            for index in words.indices { words[index] = generator.next() }
        }
        return bits
    }
}
