// SPDX-License-Identifier: GPL-3.0-or-later

/// A block's modes where a steady line of sight gives every snapshot its phase and slope.
struct SpecularTracker: Sendable {
    let model: SynchronizationModel
    let specular: SpecularGains
    let transform: TimeTransform

    /// Gains of a block that carry something.
    var gains: Double { Double(transform.length * (model.tones.count - SpecularGains.lost)) }

    func run(_ features: FeatureMatrix, rows: Range<Int>) -> BlockTracker.Result {
        run(residual: specular.residual(features.slice(rows)))
    }

    /// - Parameter residual: the block's gains beside the line of sight.
    func run(residual: FeatureMatrix) -> BlockTracker.Result {
        let modes = model.powers.count
        let tones = model.tones.count
        let count = residual.rows
        let zeros = [Float](repeating: 0, count: count * modes)
        var result = BlockTracker.Result(
            real: zeros, imaginary: zeros, slopeReal: zeros, slopeImaginary: zeros,
            phases: [Float](repeating: 0, count: count), slopes: [Float](repeating: 0, count: count), cost: 0)
        var energy = 0.0
        for row in 0..<count {
            for column in 0..<2 * tones {
                let value = Double(residual[row, column])
                energy += value * value
            }
            for mode in 0..<modes {
                var (re, im) = (0.0, 0.0)
                for tone in 0..<tones {
                    let (a, b) = (Double(residual[row, tone]), Double(residual[row, tones + tone]))
                    re += model.real[mode][tone] * a + model.imaginary[mode][tone] * b
                    im += model.real[mode][tone] * b - model.imaginary[mode][tone] * a
                }
                result.real[row * modes + mode] = Float(re)
                result.imaginary[row * modes + mode] = Float(im)
            }
        }
        // zᴴ(R⁻¹ − I/σ²)z in the bins that diagonalize R.
        let re = transform.apply(result.real, modes: modes)
        let im = transform.apply(result.imaginary, modes: modes)
        for mode in 0..<modes {
            for bin in 0..<transform.bins {
                let snr = model.powers[mode] * transform.gains[bin] / model.noise
                let place = mode * transform.bins + bin
                energy -= (re[place] * re[place] + im[place] * im[place]) * snr / (1 + snr)
            }
        }
        result.cost = energy / model.noise / gains
        return result
    }
}
