// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore
internal import Statistics

/// The mutual information rate of jointly stationary Gaussian series from their spectra, −∫ log2(1 − γ²(f)) df for two
/// complex ones, with the bias of the estimate taken off.
///
/// Memory within each series costs nothing extra here: it is the rate that any key per sample has to stay below.
/// Given Eve's series the coherence is the partial one.
public struct SpectralInformation: Sendable, Hashable {
    /// The rate as estimated, bits a complex sample.
    public let raw: Double
    /// What independence alone would make of it: the expectation of ln det of complex Wishart matrices gives
    /// ψ(K − e) − ψ(K − e − 1) = 1/(K − e − 1) nat for two series given e, whatever their coherence.
    public let bias: Double
    /// The rate, bias taken off; may come out a little below 0. Halve it for real series.
    public var rate: Double { raw - bias }
    /// K: spectra that were averaged at each frequency.
    public let averages: Int

    /// Spectra by sine tapers (Riedel and Sidorenko, 1995) on consecutive segments: resolution is about
    /// (tapers + 1)/(2 · segment) of the sample rate, and a spectrum that is narrower comes out too wide, which makes the
    /// rate too small.
    ///
    /// Nil where the series differ in length, are shorter than a segment, determine one another, or are too short for
    /// a matrix of that size (K must exceed their number).
    ///
    /// - Parameters:
    ///   - alice: one end's series, one or more that were sampled together; `bob` likewise.
    ///   - eve: what is given, none by default.
    ///   - segment: samples a segment.
    ///   - tapers: tapers a segment.
    public init?(
        _ alice: [[IQ]], _ bob: [[IQ]], given eve: [[IQ]] = [], segment: Int = 128, tapers: Int = 6
    ) {
        let series = alice + bob + eve
        guard let length = series.first?.count, series.allSatisfy({ $0.count == length }), segment > 1,
            tapers > 0, !alice.isEmpty, !bob.isEmpty
        else { return nil }
        let segments = length / segment
        averages = segments * tapers
        guard averages > series.count else { return nil }
        let spectra = CrossSpectra(series, segment: segment, tapers: tapers)
        // Real and imaginary parts of series i stand at i and i + number of series.
        let parts = { (range: Range<Int>) in range.flatMap { [$0, $0 + series.count] } }
        let a = parts(0..<alice.count)
        let b = parts(alice.count..<alice.count + bob.count)
        let e = parts(alice.count + bob.count..<series.count)
        var sum = 0.0
        for frequency in 0..<segment {
            let matrix = spectra.realForm(frequency)
            let bits =
                e.isEmpty
                ? MutualInformation.real(covariance: matrix, a, b)
                : MutualInformation.real(covariance: matrix, a, b, given: e)
            guard let bits else { return nil }
            sum += bits
        }
        raw = sum / Double(segment)
        let count = averages
        // ψ(K) − ψ(K − i) summed over a determinant's size; ψ(K) itself cancels.
        let loss = { (size: Int) in
            (0..<size).reduce(0.0) { total, i in
                total - (0..<i).reduce(0.0) { $0 + 1 / Double(count - 1 - $1) }
            }
        }
        bias =
            (loss(alice.count + eve.count) + loss(bob.count + eve.count) - loss(eve.count)
                - loss(series.count)) / log(2)
    }
}

/// Cross spectra of several series.
private struct CrossSpectra {
    private let count: Int
    /// For each frequency the sums of X_i X̄_j over segments and tapers, row by row.
    private var sums: [[SIMD2<Double>]]

    init(_ series: [[IQ]], segment: Int, tapers: Int) {
        count = series.count
        sums = [[SIMD2<Double>]](
            repeating: [SIMD2<Double>](repeating: .zero, count: series.count * series.count), count: segment)
        let means = series.map { values in
            values.reduce(SIMD2<Double>.zero) { $0 + SIMD2(Double($1.re), Double($1.im)) }
                / Double(values.count)
        }
        let circle = (0..<segment).map { step in
            let angle = -2 * Double.pi * Double(step) / Double(segment)
            return SIMD2(cos(angle), sin(angle))
        }
        for begin in stride(from: 0, through: (series.first?.count ?? 0) - segment, by: segment) {
            for taper in 1...tapers {
                let window = (1...segment).map { sin(Double.pi * Double(taper * $0) / Double(segment + 1)) }
                let spectra = series.indices.map { index in
                    let values = (0..<segment).map { offset in
                        let sample = series[index][begin + offset]
                        return (SIMD2(Double(sample.re), Double(sample.im)) - means[index]) * window[offset]
                    }
                    return Self.transform(values, circle)
                }
                for frequency in 0..<segment {
                    for i in 0..<count {
                        for j in 0..<count {
                            let a = spectra[i][frequency]
                            let b = spectra[j][frequency]
                            sums[frequency][i * count + j] += SIMD2(
                                a.x * b.x + a.y * b.y, a.y * b.x - a.x * b.y)
                        }
                    }
                }
            }
        }
    }

    /// The plain transform: segments are short.
    private static func transform(_ values: [SIMD2<Double>], _ circle: [SIMD2<Double>]) -> [SIMD2<Double>] {
        values.indices.map { frequency in
            var sum = SIMD2<Double>.zero
            var step = 0
            for value in values {
                let turn = circle[step]
                sum += SIMD2(value.x * turn.x - value.y * turn.y, value.x * turn.y + value.y * turn.x)
                step += frequency
                if step >= values.count { step -= values.count }
            }
            return sum
        }
    }

    /// The Hermitian matrix S as the real one [Re S, −Im S; Im S, Re S], whose determinant is |S|².
    func realForm(_ frequency: Int) -> Matrix {
        var matrix = Matrix(rows: 2 * count, columns: 2 * count)
        for i in 0..<count {
            for j in 0..<count {
                let value = sums[frequency][i * count + j]
                matrix[i, j] = value.x
                matrix[i + count, j + count] = value.x
                matrix[i + count, j] = value.y
                matrix[i, j + count] = -value.y
            }
        }
        return matrix
    }
}
