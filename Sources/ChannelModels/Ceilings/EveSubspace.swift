// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// How much of the true coefficient Eve's antennas explain together, as a function of how well she hears.
///
/// Her best linear combination leaves 1 − c*(R + I/s)⁻¹c of it, R the covariance of her antennas, c theirs with the
/// coefficient and s her signal over noise. Where the correlation differs from tap to tap its mean over their power
/// is taken.
struct EveSubspace {
    /// |⟨u_i, c⟩|² and λ_i over the eigenvectors u_i of R.
    private var parts: [(weight: Double, value: Double)] = []

    init(_ parameters: SimulationParameters) {
        let eve = parameters.eve
        guard let places = eve.distances(toBob: true, wavelength: parameters.wavelength) else { return }
        let covariance = EveArray.covariance(places, isNear: true) { distance in
            guard eve.scattering == .clusters else {
                return eve.correlation(wavelengths: distance, tap: parameters.model.taps[0], atBob: true)
            }
            return parameters.model.taps.reduce(.zero) {
                $0 + eve.correlation(wavelengths: distance, tap: $1, atBob: true) * $1.power
            }
        }
        let size = eve.antennas
        func entry(_ i: Int, _ j: Int) -> Complex { covariance[i * (size + 1) + j] }
        guard size > 1 else {
            parts = [(entry(1, 0).power, 1)]
            return
        }
        // A Hermitian matrix as a real one of twice the size has every eigenvalue twice; each pair of
        // eigenvectors spans the plane of one complex eigenvector.
        var matrix = Matrix(rows: 2 * size, columns: 2 * size)
        for i in 0..<size {
            for j in 0..<size {
                let value = entry(i + 1, j + 1)
                matrix[i, j] = value.re
                matrix[i + size, j + size] = value.re
                matrix[i, j + size] = -value.im
                matrix[i + size, j] = value.im
            }
        }
        guard let eigen = SymmetricEigen(matrix) else { return }
        for index in 0..<2 * size {
            var sum = 0.0
            for i in 0..<size {
                let c = entry(i + 1, 0)
                sum += eigen.vectors[i, index] * c.re + eigen.vectors[i + size, index] * c.im
            }
            parts.append((sum * sum, max(0, eigen.values[index])))
        }
    }

    /// The share of the coefficient's power that is explained, for a signal over noise in one antenna.
    func explained(snr: Double) -> Double {
        guard snr > 0 else { return 0 }
        return min(1, parts.reduce(0) { $0 + $1.weight / ($1.value + 1 / snr) })
    }
}
