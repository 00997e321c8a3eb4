// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels
public import QWaveCore

/// The delay correlator: how much a signal repeats itself after a lag (Schmidl and Cox, IEEE Trans. Commun. 1997).
///
/// At position n, P[n] = Σ conj(x[n+i])·x[n+i+lag] and E[n] = Σ (|x[n+i]|² + |x[n+i+lag]|²)/2 over i < window.
/// |P|/E is 1 for a periodic signal without noise, SNR/(1+SNR) with noise, and about 1/√window for noise alone;
/// the angle of P over the lag is the carrier offset.
public struct DelayCorrelator: Sendable, Hashable {
    /// Period that is looked for, in samples, a multiple of 16.
    public let lag: Int
    /// Products that are summed, a multiple of 16 from 32 to 1,024.
    public let window: Int
    /// |P|/E above which a position is a hit, between 0 and 1.
    public let threshold: Float
    /// Distance of the positions that are looked at: 1, or 16 for less work and less precision.
    public let stride: Int
    public let kernel: CorrelatorKernel

    /// - Throws: `.usage` for a value outside its limits.
    public init(
        lag: Int, window: Int, threshold: Float, stride: Int = 1, kernel: CorrelatorKernel = .automatic
    ) throws(QWaveError) {
        let block = Int(QW_CORRELATE_BLOCK)
        let most = Int(QW_CORRELATE_MOST_BLOCKS) * block
        guard lag >= block, lag <= most, lag % block == 0, window >= 2 * block, window <= most,
            window % block == 0
        else {
            throw QWaveError(
                .usage,
                "lag \(lag) and window \(window): each is a multiple of \(block) up to \(most), the window at "
                    + "least \(2 * block)")
        }
        guard threshold > 0, threshold < 1 else {
            throw QWaveError(.usage, "a threshold of \(threshold) can't be used; it lies between 0 and 1")
        }
        guard stride == 1 || stride == block else {
            throw QWaveError(.usage, "a stride of \(stride) can't be used; give 1 or \(block)")
        }
        self.lag = lag
        self.window = window
        self.threshold = threshold
        self.stride = stride
        self.kernel = kernel
    }

    /// Samples that must follow the last position of a search; the search reads them in groups of 16.
    public var reach: Int { window + lag + 15 }

    /// The first hit at or after `start` below `end`, or nil. O(end − start).
    ///
    /// With stride 16 the positions `start`, `start` + 16, … are looked at.
    /// - Precondition: `end + reach` samples are there.
    public func firstHit(_ samples: Span<IQ>, from start: Int = 0, to end: Int) -> Int? {
        precondition(start >= 0 && end + reach <= samples.count, "the search reaches beyond the samples")
        guard end > start else { return nil }
        let count = (end - start + 15) & ~15
        let hit = unsafe samples.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return count }
            return unsafe base.withMemoryRebound(to: Float.self, capacity: 2 * samples.count) { floats in
                unsafe qw_correlate_find(
                    kernel.rawValue, floats + 2 * start, count, lag, window, stride, threshold)
            }
        }
        return start + hit < end ? start + hit : nil
    }

    /// P and E at `count` positions from `start`.
    ///
    /// - Precondition: `start + count + reach` samples are there.
    public func sums(_ samples: Span<IQ>, from start: Int, count: Int) -> (products: [IQ], energies: [Float])
    {
        precondition(
            start >= 0 && count >= 0 && start + count + reach <= samples.count,
            "the sums reach beyond the samples")
        var re = [Float](repeating: 0, count: count)
        var im = re
        var energies = re
        unsafe samples.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe base.withMemoryRebound(to: Float.self, capacity: 2 * samples.count) { floats in
                unsafe qw_correlate_sums(floats + 2 * start, count, lag, window, &re, &im, &energies)
            }
        }
        return (zip(re, im).map { IQ($0, $1) }, energies)
    }
}
