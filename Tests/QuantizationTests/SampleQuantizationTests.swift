// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Quantization
import TestSupport
import Testing

/// Both ends of the stage over a link, on Gaussian samples of a known SNR.
@Suite struct SampleQuantizationTests {
    struct End: Sendable {
        var bits: SampleBits
        var ledger: SecrecyLedger
    }

    /// Unit-variance samples of two ends at equal SNR.
    static func pair(_ count: Int, snr: Double, seed: UInt64 = 1) -> ([Double], [Double]) {
        var random = SplitMix64(seed: seed)
        func normal() -> Double {
            let u = (Double(random.next() >> 11) + 1) * 0x1p-53
            return (-2 * log(u)).squareRoot() * cos(2 * Double.pi * Double(random.next() >> 11) * 0x1p-53)
        }
        let (signal, noise) = ((snr / (1 + snr)).squareRoot(), (1 / (1 + snr)).squareRoot())
        var pairs: ([Double], [Double]) = ([], [])
        for _ in 0..<count {
            let h = normal()
            pairs.0.append(signal * h + noise * normal())
            pairs.1.append(signal * h + noise * normal())
        }
        return pairs
    }

    static func run(_ stage: SampleQuantization, _ block: SampleBlock, _ link: any Link, _ role: Party.Role)
        async -> Result<End, QWaveError>
    {
        let ledger = SecrecyLedger()
        do throws(QWaveError) {
            let party = Party(role: role, link: link, ledger: ledger, random: SystemRandomSource())
            return .success(End(bits: try await stage.run(block, as: party), ledger: ledger))
        } catch {
            await link.close()
            return .failure(error)
        }
    }

    static func both(
        _ quantizers: (SampleQuantizer, SampleQuantizer), _ a: [Double], _ b: [Double], snr: Double = 100
    ) async -> (Result<End, QWaveError>, Result<End, QWaveError>) {
        let (left, right) = Loopback.pair()
        let rho = snr / (1 + snr)
        async let first = run(
            SampleQuantization(quantizers.0), SampleBlock(samples: a, correlation: rho), left, .initiator)
        async let second = run(
            SampleQuantization(quantizers.1), SampleBlock(samples: b, correlation: rho), right, .responder)
        return (await first, await second)
    }

    static func ends(_ quantizer: SampleQuantizer, _ a: [Double], _ b: [Double], snr: Double = 100)
        async throws -> (End, End)
    {
        let (first, second) = await both((quantizer, quantizer), a, b, snr: snr)
        return (try first.get(), try second.get())
    }

    static func disagreement(_ ends: (End, End)) -> Double {
        Double(ends.0.bits.bits.distance(to: ends.1.bits.bits)) / Double(ends.0.bits.bits.count)
    }

    /// Mean bit error rates at 20 dB, from an independent computation.
    @Test(arguments: [
        (SampleQuantizer.equiprobable(bits: 1), 0.0448), (.equiprobable(bits: 2), 0.0581),
        (.equiprobable(bits: 3), 0.0826), (.equiprobable(bits: 4), 0.1253), (.binClass(bits: 1), 0.0006),
        (.binClass(bits: 2), 0.0138), (.binClass(bits: 3), 0.0561),
        (.quantileHelper(bits: 2, helperBits: 3), 0.0041), (.quantileHelper(bits: 3, helperBits: 3), 0.0467),
    ])
    func `bits disagree at 20 dB as published`(quantizer: SampleQuantizer, rate: Double) async throws {
        let count = 60_000
        let (a, b) = Self.pair(count, snr: 100)
        let ends = try await Self.ends(quantizer, a, b)
        let measured = Self.disagreement(ends)
        // Five standard errors of the count of symbols, in which errors come together.
        #expect(abs(measured - rate) < 5 * (rate / Double(count)).squareRoot() + 5e-5, "\(measured)")
        #expect(ends.0.bits.keptSamples == count)
    }

    /// α = 0.35, by SNR: the kept fraction of the one end's and of both ends' band.
    @Test(arguments: [(10.0, 0.605, 1.2e-2), (15, 0.652, 2.2e-4), (20, 0.684, 0), (25, 0.703, 0)])
    func `a guard band keeps and errs as published`(decibels: Double, kept: Double, rate: Double) async throws
    {
        let count = 100_000
        let (a, b) = Self.pair(count, snr: pow(10, decibels / 10), seed: 3)
        let ends = try await Self.ends(.guardBand(alpha: 0.35, center: .mean, block: 0), a, b)
        #expect(abs(Double(ends.0.bits.keptSamples) / Double(count) - kept) < 0.006)
        #expect(abs(Self.disagreement(ends) - rate) < 5 * (rate / Double(count)).squareRoot() + 3e-5)
        #expect(ends.0.bits.bits.count == ends.1.bits.bits.count)
    }

    @Test func `both lists of a guard band are charged, and both ledgers say the same`() async throws {
        let (a, b) = Self.pair(2000, snr: 100)
        let ends = try await Self.ends(.guardBand(alpha: 0.35, center: .mean, block: 0), a, b)
        #expect(ends.0.ledger.account == ends.1.ledger.account)
        let quantizer = GuardBandQuantizer(alpha: 0.35)
        let charge = [a, b].map { samples in
            QuantizerDisclosure.listEntropy(
                size: samples.count, kept: quantizer.bits(of: samples).count { $0 != nil })
        }
        #expect(abs(ends.0.ledger.otherLeak - charge[0] - charge[1]) < 1e-9)
        #expect(ends.0.ledger.otherLeak > Double(ends.0.bits.bits.count))
    }

    @Test func `level crossing agrees on centers and charges both lists`() async throws {
        // Slow fading: a random walk's steps, smoothed, with little noise.
        var state = 0.0
        let (steps, noise) = Self.pair(4000, snr: 1, seed: 9)
        let fading = steps.map { step in
            state = 0.9 * state + step
            return state
        }
        let other = zip(fading, noise).map { $0 + 0.05 * $1 }
        let ends = try await Self.ends(.levelCrossing(alpha: 0.5, run: 4), fading, other)
        #expect(ends.0.bits.keptSamples > 100)
        #expect(Self.disagreement(ends) < 0.01)
        let excursions = LevelCrossingQuantizer(alpha: 0.5, run: 4).excursions(of: fading)
        let forward = QuantizerDisclosure.listEntropy(size: 4000, kept: excursions.count)
        let backward = QuantizerDisclosure.listEntropy(size: excursions.count, kept: ends.0.bits.keptSamples)
        #expect(abs(ends.0.ledger.otherLeak - forward - backward) < 1e-9)
        #expect(ends.0.ledger.account == ends.1.ledger.account)
    }

    @Test func `multi-bit ASBG takes the smaller width of each block, and its exchange is charged`()
        async throws
    {
        let (a, b) = Self.pair(250, snr: 100)
        let (coarse, fine) = (a.map { 2 * $0 }, b.map { 20 * $0 })
        let ends = try await Self.ends(.adaptiveMultibit(block: 25, bits: nil), coarse, fine)
        let quantizer = AdaptiveMultibitQuantizer(block: 25)
        let widths = (0..<10).map { block in
            min(
                quantizer.bits(of: coarse[25 * block..<25 * block + 25]),
                quantizer.bits(of: fine[25 * block..<25 * block + 25]))
        }
        #expect(
            ends.0.bits.bits.count == 25 * widths.reduce(0, +)
                && ends.1.bits.bits.count == ends.0.bits.bits.count)
        #expect(abs(ends.0.ledger.otherLeak - 20 * log2(9)) < 1e-9)
        let fixed = try await Self.ends(.adaptiveMultibit(block: 25, bits: 3), coarse, fine)
        #expect(fixed.0.bits.bits.count == 750 && fixed.0.ledger.otherLeak == 0)
    }

    @Test func `helper values are free, soft values are the responder's`() async throws {
        let (a, b) = Self.pair(5000, snr: 100)
        for quantizer in [SampleQuantizer.soft(bits: 3), .quantileHelper(bits: 3, helperBits: 3)] {
            let ends = try await Self.ends(quantizer, a, b)
            #expect(ends.0.ledger.otherLeak == 0 && ends.0.bits.logLikelihoods.isEmpty)
            let ratios = ends.1.bits.logLikelihoods
            #expect(ratios.count == 15_000)
            // Likely values say the initiator's bit: positive for 0.
            let sure = ratios.indices.filter { abs(Int(ratios[$0])) > 20 }
            #expect(sure.count > 5000)
            let wrong = sure.count { (ratios[$0] < 0) != ends.0.bits.bits[$0] }
            #expect(Double(wrong) / Double(sure.count) < 0.002)
        }
    }

    @Test func `ends that don't mean the same are refused`() async {
        let (a, b) = Self.pair(100, snr: 100)
        let cases: [((SampleQuantizer, SampleQuantizer), [Double])] = [
            ((.binClass(bits: 2), .binClass(bits: 3)), b), ((.soft(bits: 2), .equiprobable(bits: 2)), b),
            ((.binClass(bits: 2), .binClass(bits: 2)), Array(b.dropLast())),
        ]
        for (quantizers, samples) in cases {
            let (first, second) = await Self.both(quantizers, a, samples)
            let codes = [first, second].map { result -> QWaveError.Code? in
                if case .failure(let error) = result { return error.code }
                return nil
            }
            #expect(codes.contains(.refused) && !codes.contains(nil))
        }
    }

    /// A peer that says anything else than the next message.
    @Test func `hostile messages end in an error, never in a trap`() async throws {
        let (a, _) = Self.pair(64, snr: 100)
        var random = SplitMix64(seed: 4)
        for (_, quantizer) in SampleQuantizer.named {
            for role in [Party.Role.initiator, .responder] {
                for attempt in 0..<40 {
                    let (left, right) = Loopback.pair()
                    let (own, other) =
                        role == .initiator ? (left as any Link, right as any Link) : (right, left)
                    async let result = Self.run(
                        SampleQuantization(quantizer), SampleBlock(samples: a), own, role)
                    // The greeting is echoed, so that what follows is reached; then noise.
                    var writer = ByteWriter()
                    writer.write(UInt8(0x50))
                    writer.write(UInt32(64))
                    writer.write(100.0 / 101)
                    writer.write(Array("\(quantizer)".utf8))
                    try? await other.send(attempt % 4 == 0 ? [] : writer.bytes)
                    for _ in 0..<2 {
                        let tag: UInt8 = random.next() % 2 == 0 ? 0x51 : 0x52
                        let rest = (0..<Int(random.next() % 90)).map { _ in
                            UInt8(truncatingIfNeeded: random.next())
                        }
                        try? await other.send([tag] + rest)
                    }
                    await other.close()
                    _ = await result
                }
            }
        }
    }

    @Test func `scores are ranks on the normal scale`() throws {
        let (a, _) = Self.pair(4000, snr: 100)
        // A monotone distortion changes no rank.
        let scores = try #require(SampleScores.scores(of: a.map { exp(3 * $0) }))
        let plain = try #require(SampleScores.scores(of: a))
        #expect(zip(scores, plain).allSatisfy { abs($0 - $1) < 0.15 })
        let mean = scores.reduce(0, +) / 4000
        #expect(abs(mean) < 0.02 && abs(scores.reduce(0) { $0 + $1 * $1 } / 4000 - 1) < 0.05)
        let gaussian = try #require(SampleScores.scores(of: a.map { 5 + 3 * $0 }, gaussian: true))
        #expect(abs(gaussian.reduce(0, +)) < 1e-9)
        #expect(SampleScores.scores(of: [Double](repeating: 1, count: 50)) == nil)
        #expect(SampleScores.scores(of: [1, 2, 3], gaussian: true) == nil)
    }
}
