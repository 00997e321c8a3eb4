// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Statistics

/// How the power of a profile's tones divides into independent modes.
enum ToneCovariance {
    /// The nonzero eigenvalues, largest first, of the tones' covariance R = Σ_l P_l·v_l·v_l* (unit diagonal).
    ///
    /// R has no more nonzero eigenvalues than there are taps, and shares them with the taps' small Gram
    /// matrix √P_l·√P_m·⟨v_l, v_m⟩. That one is Hermitian: as a real matrix of twice the size
    /// [[Re, −Im], [Im, Re]] it has every eigenvalue twice.
    static func eigenvalues(_ model: ChannelModel, tones: [Int], spacing: Double) -> [Double] {
        let taps = model.taps
        let size = taps.count
        var matrix = Matrix(rows: 2 * size, columns: 2 * size)
        for l in 0..<size {
            for m in 0..<size {
                let difference = (taps[l].delay - taps[m].delay) * 1e-9 * spacing
                let sum = tones.reduce(Complex.zero) { $0 + Complex.turned(Double($1) * difference) }
                let entry = sum * (taps[l].power * taps[m].power).squareRoot()
                matrix[l, m] = entry.re
                matrix[l + size, m + size] = entry.re
                matrix[l, m + size] = -entry.im
                matrix[l + size, m] = entry.im
            }
        }
        // Nil is for matrices that aren't square or finite; profiles and tones are finite by construction.
        let doubled = SymmetricEigen(matrix)?.values ?? []
        return stride(from: 0, to: doubled.count, by: 2).prefix(tones.count).map { max(0, doubled[$0]) }
    }
}
