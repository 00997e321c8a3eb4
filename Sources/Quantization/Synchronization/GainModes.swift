// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// The modes of an end's gains: eigenvectors of their Hermitian covariance over the tones.
enum GainModes {
    /// A model from gains whose phases and slopes have been taken out, nil where the covariance isn't usable.
    ///
    /// The noise is the mean of the eigenvalues that noise explains; modes weaker than a quarter of it are left to it.
    ///
    /// - Parameters:
    ///   - rotation: what is taken out of each row: phase and slope in radians (a tone).
    ///   - lost: dimensions in which the gains are zero.
    static func model(
        _ features: FeatureMatrix, rows: [Int], rotation: (Int) -> (phase: Double, slope: Double),
        tones: [Int], lost: Int = 0
    ) -> SynchronizationModel? {
        let n = tones.count
        guard rows.count >= 2 * n / 3, n >= 8 else { return nil }
        var real = Matrix(rows: n, columns: n)
        var imaginary = Matrix(rows: n, columns: n)
        var re = [Double](repeating: 0, count: n)
        var im = re
        for (index, row) in rows.enumerated() {
            let (phase, slope) = rotation(index)
            for tone in 0..<n {
                let angle = phase + slope * Double(tones[tone])
                let (c, s) = (angle.cosine, angle.sine)
                let (a, b) = (Double(features[row, tone]), Double(features[row, n + tone]))
                re[tone] = a * c - b * s
                im[tone] = a * s + b * c
            }
            for i in 0..<n {
                let (a, b) = (re[i], im[i])
                let base = i &* n
                for j in 0...i {
                    real.elements[base &+ j] += a * re[j] + b * im[j]
                    imaginary.elements[base &+ j] += b * re[j] - a * im[j]
                }
            }
        }
        let count = Double(rows.count)
        // [Re −Im; Im Re] has every eigenvalue twice, with vectors (x, y) and (−y, x) for x + jy.
        let embedded = Matrix(rows: 2 * n, columns: 2 * n) { row, column in
            let (i, j) = (row % n, column % n)
            let symmetric = i >= j ? real[i, j] : real[j, i]
            let skew = i >= j ? imaginary[i, j] : -imaginary[j, i]
            if (row < n) == (column < n) { return symmetric / count }
            return (row < n ? -skew : skew) / count
        }
        guard let eigen = SymmetricEigen(embedded), let strongest = eigen.values.first, strongest > 0 else {
            return nil
        }
        let values = (0..<n - lost).map { max(eigen.values[2 * $0], 0) }
        let noise = max(noiseFloor(values, rows: rows.count), 1e-9 * strongest)
        var model = SynchronizationModel(tones: tones, powers: [], real: [], imaginary: [], noise: noise)
        // Sampled noise alone spreads its eigenvalues up to here (Marchenko and Pastur 1967).
        let edge = spread(values.count, rows: rows.count)
        for mode in 0..<min(n / 2, SynchronizationModel.maximumModes) {
            let power = values[mode] - noise
            guard power > max(0.25, 1.05 * edge - 1) * noise else { break }
            let vector = eigen.vectors.column(2 * mode)
            let (x, y) = (Array(vector[..<n]), Array(vector[n...]))
            // A mode's own phase is anybody's choice: its largest entry becomes real.
            let largest = x.indices.max { x[$0] * x[$0] + y[$0] * y[$0] < x[$1] * x[$1] + y[$1] * y[$1] } ?? 0
            let size = (x[largest] * x[largest] + y[largest] * y[largest]).squareRoot()
            guard size > 0 else { return nil }
            let (c, s) = (x[largest] / size, -y[largest] / size)
            model.powers.append(power)
            model.real.append(x.indices.map { x[$0] * c - y[$0] * s })
            model.imaginary.append(x.indices.map { x[$0] * s + y[$0] * c })
        }
        return model.powers.isEmpty ? nil : model
    }

    /// The largest eigenvalue of the sampled covariance of unit noise.
    private static func spread(_ dimensions: Int, rows: Int) -> Double {
        let side = 1 + (Double(dimensions) / Double(max(rows, 1))).squareRoot()
        return side * side
    }

    /// The mean eigenvalue of what is noise: begins with the weakest half, which sampling makes too small, and takes in
    /// whatever lies below the edge of the noise that it finds.
    private static func noiseFloor(_ values: [Double], rows: Int) -> Double {
        let weakest = values.suffix(values.count / 2)
        var noise = weakest.reduce(0, +) / Double(max(weakest.count, 1))
        for _ in 0..<8 {
            let edge = 1.05 * noise * spread(values.count, rows: rows)
            let below = values.filter { $0 < edge }
            guard !below.isEmpty else { break }
            noise = below.reduce(0, +) / Double(below.count)
        }
        return noise
    }
}
