// SPDX-License-Identifier: GPL-3.0-or-later
internal import CFFTW
public import QWaveCore

/// A discrete Fourier transform of one length: planned once in a process, executed from any task at the same time.
///
/// Forward: X[k] = Σ x[n]·exp(−j2πkn/N). Inverse: x[n] = (1/N)·Σ X[k]·exp(+j2πkn/N). Any length works;
/// lengths with small prime factors are fastest. O(N log N).
///
/// ```swift
/// let transform = FFT(length: 64)
/// let spectrum = transform.forward(samples)  // samples.count must be 64
/// let again = transform.inverse(spectrum)
/// ```
public struct FFT: Sendable {
    /// N, the number of samples.
    public let length: Int
    private let plans: ComplexPlans

    /// A plan is made when it is first used, and kept for all transforms of this length and effort.
    ///
    /// - Precondition: `length` is positive and fits in 31 bits.
    public init(length: Int, effort: PlanningEffort = .estimate) {
        precondition(length > 0 && length <= Int(Int32.max), "a transform has 1 to 2³¹ − 1 samples")
        self.length = length
        plans = ComplexPlans.shared(length: length, effort: effort)
    }

    /// The spectrum of `samples`, bin 0 first.
    ///
    /// - Precondition: `samples.count == length`.
    public func forward(_ samples: [IQ]) -> [IQ] { apply(plans.forward, samples, scale: nil) }

    /// The samples of `spectrum`, scaled by 1/N.
    ///
    /// - Precondition: `spectrum.count == length`.
    public func inverse(_ spectrum: [IQ]) -> [IQ] { apply(plans.inverse, spectrum, scale: 1 / Float(length)) }

    /// Replaces samples by their spectrum, where they lie.
    ///
    /// - Precondition: `samples.count == length`.
    public func forward(inPlace samples: inout MutableSpan<IQ>) {
        apply(plans.forwardInPlace, &samples, scale: nil)
    }

    /// Replaces a spectrum by its samples, scaled by 1/N, where it lies.
    ///
    /// - Precondition: `spectrum.count == length`.
    public func inverse(inPlace spectrum: inout MutableSpan<IQ>) {
        apply(plans.inverseInPlace, &spectrum, scale: 1 / Float(length))
    }

    /// Replaces samples by their spectrum.
    public func forward(inPlace samples: inout [IQ]) {
        var span = samples.mutableSpan
        forward(inPlace: &span)
    }

    /// Replaces a spectrum by its samples, scaled by 1/N.
    public func inverse(inPlace spectrum: inout [IQ]) {
        var span = spectrum.mutableSpan
        inverse(inPlace: &span)
    }

    /// The spectrum of `samples` written to `spectrum`, with no allocation where both are aligned to 16 bytes.
    ///
    /// - Precondition: both have `length` elements.
    public func forward(_ samples: Span<IQ>, into spectrum: inout MutableSpan<IQ>) {
        apply(plans.forward, samples, &spectrum, scale: nil)
    }

    /// The samples of `spectrum`, scaled by 1/N, written to `samples`.
    ///
    /// - Precondition: both have `length` elements.
    public func inverse(_ spectrum: Span<IQ>, into samples: inout MutableSpan<IQ>) {
        apply(plans.inverse, spectrum, &samples, scale: 1 / Float(length))
    }

    private func apply(_ plan: ComplexPlan, _ input: [IQ], scale: Float?) -> [IQ] {
        precondition(input.count == length, "the transform takes \(length) samples")
        return unsafe [IQ](unsafeUninitializedCapacity: length) { buffer, initialized in
            guard let base = buffer.baseAddress else { return }
            unsafe base.initialize(repeating: .zero, count: length)
            initialized = length
            var output = unsafe MutableSpan(
                _unsafeElements: UnsafeMutableBufferPointer(rebasing: buffer[..<length]))
            apply(plan, input.span, &output, scale: scale)
        }
    }

    private func apply(
        _ plan: ComplexPlan, _ input: Span<IQ>, _ output: inout MutableSpan<IQ>, scale: Float?
    ) {
        precondition(input.count == length && output.count == length, "the transform takes \(length) samples")
        unsafe input.withUnsafeBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                // An out-of-place complex plan only reads its input.
                unsafe plan.execute(UnsafeMutablePointer(mutating: from), to)
                if let scale { for index in 0..<length { unsafe to[index] = unsafe to[index] * scale } }
            }
        }
    }

    private func apply(_ plan: ComplexPlan, _ samples: inout MutableSpan<IQ>, scale: Float?) {
        precondition(samples.count == length, "the transform takes \(length) samples")
        unsafe samples.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe plan.execute(base, base)
            if let scale { for index in 0..<length { unsafe base[index] = unsafe base[index] * scale } }
        }
    }
}
