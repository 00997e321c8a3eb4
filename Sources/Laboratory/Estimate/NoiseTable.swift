// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Statistics

/// Gaussian noise in bulk: each value is the sum of two draws from a table of 65,536 quantiles.
///
/// The sum's kurtosis differs from a Gaussian's by less than 10⁻³; a draw costs a quarter of a random word.
struct NoiseTable: Sendable {
    private let quantiles: [Float]

    /// - Parameter power: of one complex sample.
    init(power: Double) {
        let scale = (power / 4).squareRoot()
        quantiles = (0..<65_536).map { Float(scale * Normal.quantile((Double($0) + 0.5) / 65_536)) }
    }

    /// Overwrites `samples` with noise.
    func fill(_ samples: inout [IQ], _ random: inout ExperimentGenerator) {
        for index in samples.indices {
            let word = random.next()
            samples[index] = IQ(
                quantiles[Int(word & 0xFFFF)] + quantiles[Int(word >> 16 & 0xFFFF)],
                quantiles[Int(word >> 32 & 0xFFFF)] + quantiles[Int(word >> 48)])
        }
    }
}
