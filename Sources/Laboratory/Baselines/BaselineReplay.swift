// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore
internal import Quantization
internal import Reconciliation
public import Secrecy

/// A published pipeline on two recorded captures, counted twice: as its paper does and as QWave does.
///
/// No key comes out: a baseline's key has no certificate.
public struct BaselineReplay: Sendable {
    public let baseline: Baseline
    /// Fraction of the pairs that is published to fit and to judge; at least 1,024.
    public var commissioning = 0.2
    /// Pairs a second, where the captures don't say.
    public var rate: Double?
    public var epsilons = Epsilons()
    /// Bits of pre-shared secret that an exchange takes, as a session's.
    public var authenticationBits = 512

    public init(_ baseline: Baseline) { self.baseline = baseline }

    static let sampleStrides = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]
    /// Below this disagreement Cascade tells less in both directions than a code does in one.
    static let cascadeLimit = 0.01

    /// Throws `.refused` where the captures can't be paired or are too short.
    public func run(
        _ alice: ChannelTrace, _ bob: ChannelTrace, eve: ChannelTrace? = nil,
        progress: (Double) -> Void = { _ in }
    ) async throws(QWaveError) -> BaselineReport {
        let capture = try BaselineCapture(
            alice, bob, eve: eve, commissioning: commissioning, rate: rate)
        let keyed = capture.commissioned..<capture.pairs
        guard let whole = BaselinePipeline(baseline, capture, sampleStride: 1, toneStride: 1) else {
            throw QWaveError(
                .refused, "\(baseline.rawValue) finds nothing to fit: does the channel change at all?")
        }
        let published = whole.symbols(keyed)
        let perProbe = Double(published.initiator.count) / Double(keyed.count)
        var best: Candidate?
        let candidates = candidates(tones: capture.initiator.count)
        for (index, thinning) in candidates.enumerated() {
            progress(Double(index) / Double(candidates.count + 1))
            if let next = candidate(capture, keyed, thinning), next.expected > best?.expected ?? -.infinity {
                best = next
            }
        }
        let accounted = try await account(best, capture)
        return BaselineReport(
            baseline: baseline, paper: baseline.paper, summary: baseline.summary, pairs: capture.pairs,
            commissioned: capture.commissioned,
            published: BaselineReport.Published(
                bits: published.initiator.count, bitsPerProbe: perProbe,
                // All pairs of the capture: the papers commission nothing.
                bitsPerMinute: capture.seconds.map { 60 * perProbe * Double(capture.pairs) / $0 },
                disagreement: published.disagreement), accounted: accounted,
            eveMeasured: !capture.eve.isEmpty, simulated: capture.simulated)
    }

    /// A thinning, and what is expected of it.
    private struct Candidate {
        var sampleStride: Int
        var toneStride: Int
        var symbols: BaselineSymbols
        var entropy: Double
        var memory: Double
        var eve: Double
        var finiteSize: Double
        var errorRate: Double
        var expected: Double
    }

    private func candidates(tones: Int) -> [(Int, Int)] {
        guard baseline == .cgc else { return Self.sampleStrides.map { ($0, 1) } }
        let steps = [1, 2, 4, 8, 13, 26, tones].filter { $0 <= tones }
        return Self.sampleStrides.flatMap { stride in Set(steps).sorted().map { (stride, $0) } }
    }

    private var overhead: Double { 1 - 2 * log2(2 * epsilons.amplification) }

    private func candidate(_ capture: BaselineCapture, _ keyed: Range<Int>, _ thinning: (Int, Int))
        -> Candidate?
    {
        guard
            let pipeline = BaselinePipeline(
                baseline, capture, sampleStride: thinning.0, toneStride: thinning.1)
        else { return nil }
        let open = pipeline.symbols(0..<capture.commissioned)
        let symbols = pipeline.symbols(keyed)
        let bits = symbols.initiator.count
        guard bits > 0 else { return nil }
        // What commissions also says how often the ends disagree, with a margin for how few bits that were.
        let rate = min(0.5, open.disagreement + (0.05 / Double(max(4, open.initiator.count))).squareRoot())
        let ones = Double((0..<bits).count { symbols.initiator[$0] }) / Double(bits)
        let entropy = Double(bits) * binaryEntropy(ones)
        let finiteSize = FiniteSize.penalty(
            symbols: symbols.symbols, alphabet: 1 << symbols.alphabetBits, epsilon: epsilons.smoothing)
        guard
            let account = BaselineAccount(
                open, spacing: symbols.spacing, evePresent: !capture.eve.isEmpty, epsilon: epsilons.estimation
            )
        else { return nil }
        let rows = Double(symbols.symbols) / Double(max(1, symbols.scores.count))
        let (memory, eve) = (account.memory * rows, account.eve * rows)
        let leak = (rate < Self.cascadeLimit ? 2.2 : 1.3) * Double(bits) * binaryEntropy(rate) + 64
        return Candidate(
            sampleStride: thinning.0, toneStride: thinning.1, symbols: symbols, entropy: entropy,
            memory: memory,
            eve: eve, finiteSize: finiteSize, errorRate: rate,
            expected: entropy - memory - eve - finiteSize - leak - overhead)
    }

    /// Reconciles the best thinning's bits for good, and charges what that told.
    private func account(_ best: Candidate?, _ capture: BaselineCapture) async throws(QWaveError)
        -> BaselineReport.Accounted
    {
        var result = BaselineReport.Accounted(
            sampleStride: 1, toneStride: 1, bits: 0, disagreement: 0, entropy: 0, memoryCharge: 0,
            eveCharge: 0,
            finiteSize: 0, leakForward: 0, leakBackward: 0, overhead: overhead, authentication: 0,
            secretBits: 0,
            netBits: 0, secureBitsPerProbe: 0, bitsPerMinute: capture.seconds.map { _ in 0 },
            keysEqual: false,
            refused: [])
        guard let best else {
            result.refused = ["too few published pairs to bound what the past tells, at any thinning"]
            return result
        }
        result.sampleStride = best.sampleStride
        result.toneStride = best.toneStride
        result.bits = best.symbols.initiator.count
        result.disagreement = best.symbols.disagreement
        result.entropy = best.entropy
        result.memoryCharge = best.memory
        result.eveCharge = best.eve
        result.finiteSize = best.finiteSize
        guard best.entropy > best.memory + best.eve + best.finiteSize else {
            result.refused = ["the past, Eve and the finite size take all that the bits hold"]
            return result
        }
        guard let ends = await reconcile(best) else {
            result.refused = ["the ends' bits disagree too much to be reconciled"]
            return result
        }
        result.leakForward = ends.leakForward
        result.leakBackward = ends.leakBackward
        result.overhead += ends.verificationBits + ends.otherBits
        result.keysEqual = true
        let length =
            best.entropy - best.memory - best.eve - best.finiteSize - ends.leakForward - ends.leakBackward
            - result.overhead
        let whole = length > 0 ? Int(length) / 256 * 256 : 0
        guard whole > authenticationBits else {
            result.refused = ["\(Int(length)) bits are left, less than authentication takes"]
            return result
        }
        result.secretBits = whole
        result.authentication = Double(authenticationBits)
        result.netBits = whole - authenticationBits
        result.secureBitsPerProbe = Double(result.netBits) / Double(capture.pairs)
        result.bitsPerMinute = capture.seconds.map { 60 * Double(result.netBits) / $0 }
        return result
    }

    /// The initiator's result; nil where the keys couldn't be made equal.
    private func reconcile(_ best: Candidate) async -> KeyReconciliation.Result? {
        let stage = KeyReconciliation(engine: best.errorRate < Self.cascadeLimit ? Cascade() : LDPC())
        let (left, right) = Loopback.pair()
        func end(_ key: BitString, _ link: any Link, _ role: Party.Role) async -> KeyReconciliation.Result? {
            do throws(QWaveError) {
                return try await stage.run(key, errorRate: best.errorRate, over: link, as: role)
            } catch {
                await link.close()
                return nil
            }
        }
        async let first = end(best.symbols.initiator, left, .initiator)
        async let second = end(best.symbols.responder, right, .responder)
        guard let a = await first, let b = await second, a.key == b.key else { return nil }
        return a
    }
}
