// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The search for preambles in samples that are all there: hits of the short field, judged by the long field.
struct PreambleSearch: Sendable {
    let preamble: LegacyPreamble
    /// Samples from the start of each frame that are handed out with it.
    let kept: Int
    private let correlator: DelayCorrelator
    private let estimator: LongFieldEstimator

    init(
        _ preamble: LegacyPreamble, kept: Int, threshold: Float, stride: Int, kernel: CorrelatorKernel
    ) throws(QWaveError) {
        self.preamble = preamble
        self.kept = kept
        // All products of the short field: 160·m samples less one period.
        correlator = try DelayCorrelator(
            lag: preamble.shortPeriod, window: preamble.fieldLength - preamble.shortPeriod,
            threshold: threshold, stride: stride, kernel: kernel)
        estimator = LongFieldEstimator(preamble)
    }

    /// Positions from a hit on that are searched for the largest |P|: at high SNR |P|/E rises a window early.
    private var rise: Int { preamble.fieldLength + preamble.shortPeriod }
    /// Samples behind a position without which it can't be judged.
    var reach: Int { rise + max(estimator.reach, correlator.reach, preamble.fieldLength + kept) }

    /// Judges each hit below position `end`: a frame, whose offset is in radians a sample, or nil.
    ///
    /// - Parameters:
    ///   - origin: index of the first sample in the stream.
    ///   - next: index in the stream before which nothing is looked at.
    /// - Returns: the index with which the search goes on.
    /// - Precondition: `end + reach` samples are there.
    func run(
        _ samples: Span<IQ>, origin: Int, to end: Int, from next: Int, judged: (PreambleFrame?) -> Void
    ) -> Int {
        var next = next
        while let hit = correlator.firstHit(samples, from: min(end, max(0, next - origin)), to: end) {
            let (frame, resume) = judge(samples, origin, hit)
            next = origin + resume
            judged(frame)
        }
        return next
    }

    /// The frame at a hit, and the position from which the search goes on.
    private func judge(_ samples: Span<IQ>, _ origin: Int, _ hit: Int) -> (PreambleFrame?, Int) {
        let (products, energies) = correlator.sums(samples, from: hit, count: rise)
        var best = 0
        for index in products.indices where products[index].power > products[best].power { best = index }
        let coarse =
            Phase.angle(Double(products[best].re), Double(products[best].im)) / Double(preamble.shortPeriod)
        guard let field = estimator.estimate(samples, start: hit + best, coarse: coarse) else {
            return (nil, hit + 2 * preamble.shortPeriod)
        }
        let start = field.longStart - preamble.longStart
        // A recording may begin inside a short field: what came before it is silence.
        let samples = kept == 0 ? [] : (start..<start + kept).map { $0 < 0 ? .zero : samples[$0] }
        let frame = PreambleFrame(
            start: origin + start, time: 0, carrierOffset: field.offset,
            correlation: Double(products[best].amplitude / max(energies[best], .leastNormalMagnitude)),
            gains: field.gains, noiseVariance: field.noiseVariance, samples: samples)
        return (frame, field.longStart + 2 * preamble.width.fftLength)
    }
}
