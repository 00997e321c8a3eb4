// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Statistics

/// What an eavesdropper's receive antennas make together of the initiator's gains: the amplitude of w† h, tone by tone.
///
/// Amplitudes of single antennas don't show what only their coherent sum holds. Her phases have no reference in common
/// with the initiator's, but for Gaussian gains a, h and any function f of |a|, Cov(f, h h†) = c r r† with r = E[a* h]:
/// its strongest direction in whitened coordinates gives the best combiner R⁻¹ r without a phase. Each half of the
/// published rows is combined by what the other half taught, so that nothing is fitted to the rows that it is judged by.
struct EveBeam {
    /// A column for each tone.
    let amplitudes: FeatureMatrix

    /// Antennas that are combined, evenly spaced where she has more: the matrices grow with their square.
    static let most = 16
    /// Neighboring tones that share a combiner, on either side.
    static let neighbors = 3

    /// Nil where the published rows teach nothing.
    init?(_ regressors: EveRegressors, transmitter: Int) {
        let eve = regressors.eve
        let shape = eve.shape
        let count = min(shape.receiveAntennas, Self.most)
        let antennas = (0..<count).map { $0 * shape.receiveAntennas / count }
        let width = shape.subcarriers
        let published = min(eve.rows, regressors.reference.rows)
        guard count > 1, width == regressors.reference.columns, published >= 64 else { return nil }
        let halves = [0..<published / 2, published / 2..<published]
        func gain(_ row: Int, _ antenna: Int, _ tone: Int) -> (re: Double, im: Double) {
            eve.gain(row, (antennas[antenna] * shape.transmitAntennas + transmitter) * width + tone)
        }
        let moments = halves.map { rows in
            (0..<width).map { tone -> Moments in
                let target = rows.map { Double(regressors.reference[$0, tone]) }
                let mean = Series.mean(target)
                var sums = Moments(count)
                for (row, value) in zip(rows, target) {
                    sums.add((0..<count).map { gain(row, $0, tone) }, weight: value - mean)
                }
                return sums
            }
        }
        var values = [Float](repeating: 0, count: eve.rows * width)
        for tone in 0..<width {
            let near = max(0, tone - Self.neighbors)...min(width - 1, tone + Self.neighbors)
            let weights = moments.map { half in
                near.reduce(into: Moments(count)) { $0.add(half[$1]) }.combiner
            }
            for row in 0..<eve.rows {
                guard let w = weights[row < published / 2 ? 1 : 0] else { return nil }
                var sum = (re: 0.0, im: 0.0)
                for antenna in 0..<count {
                    let h = gain(row, antenna, tone)
                    sum.re += w[antenna] * h.re + w[count + antenna] * h.im
                    sum.im += w[antenna] * h.im - w[count + antenna] * h.re
                }
                values[row * width + tone] = Float((sum.re * sum.re + sum.im * sum.im).squareRoot())
            }
        }
        guard values.allSatisfy(\.isFinite) else { return nil }
        amplitudes = FeatureMatrix(rows: eve.rows, columns: width, values: values)
    }
}

/// Σ h h† and Σ f h h† as real matrices of twice the size, [Re −Im; Im Re].
private struct Moments {
    let count: Int
    var power: Matrix
    var weighted: Matrix

    init(_ count: Int) {
        self.count = count
        power = Matrix(rows: 2 * count, columns: 2 * count)
        weighted = power
    }

    mutating func add(_ h: [(re: Double, im: Double)], weight: Double) {
        for i in 0..<count {
            for j in 0...i {
                let re = h[i].re * h[j].re + h[i].im * h[j].im
                let im = h[i].im * h[j].re - h[i].re * h[j].im
                // The lower triangle; two of the four blocks, and of the mixed one both halves.
                power[i, j] += re
                power[count + i, count + j] += re
                power[count + i, j] += im
                weighted[i, j] += weight * re
                weighted[count + i, count + j] += weight * re
                weighted[count + i, j] += weight * im
                if i != j {
                    power[count + j, i] -= im
                    weighted[count + j, i] -= weight * im
                }
            }
        }
    }

    mutating func add(_ other: Moments) {
        power = power + other.power
        weighted = weighted + other.weighted
    }

    /// w, real parts first; nil where she heard nothing.
    var combiner: [Double]? {
        let size = 2 * count
        let trace = (0..<size).reduce(0) { $0 + power[$1, $1] }
        var guarded = power
        for i in 0..<size { guarded[i, i] += 1e-9 * trace / Double(size) }
        guard trace > 0, let factor = Cholesky(guarded) else { return nil }
        // L⁻¹ M L⁻ᵀ, from the left twice.
        let full = Matrix(rows: size, columns: size) { weighted[max($0, $1), min($0, $1)] }
        func left(_ matrix: Matrix) -> Matrix {
            Matrix((0..<size).map { factor.solveLower(matrix.column($0)) })
        }
        guard let eigen = SymmetricEigen(left(left(full))) else { return nil }
        // L⁻ᵀ u = A⁻¹ (L u).
        return factor.solve(factor.factor * eigen.vectors.column(0))
    }
}
