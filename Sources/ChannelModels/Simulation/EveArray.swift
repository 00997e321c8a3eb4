// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// How the fading at Eve's antennas follows from the true channel's and from independent processes: per tap the
/// Cholesky factor of the joint covariance of (h, h_E1, …, h_EM).
struct EveArray: Sendable {
    let antennas: Int
    /// ρ of the first antenna with the end beside her, averaged over the taps' power.
    let correlation: Complex
    /// For each tap the rows 1…M of L, row after row, M + 1 entries each; column 0 weights the true channel, column
    /// m + 1 the process of antenna m.
    private let factors: [[Complex]]
    /// Whether the true channel has any part in hers.
    let isNear: Bool

    /// Throws `.usage` where the antennas' covariance isn't one (it misses by more than rounding).
    init(_ parameters: SimulationParameters, nearBob: Bool) throws(QWaveError) {
        let eve = parameters.eve
        antennas = eve.antennas
        let places = eve.distances(toBob: nearBob, wavelength: parameters.wavelength)
        isNear = places != nil
        let positions = places ?? (0..<eve.antennas).map { Double($0) * eve.antennaSpacing }
        var known: [[TapAngles]?: [Complex]] = [:]
        var factors: [[Complex]] = []
        var mean = Complex.zero
        for tap in parameters.model.taps {
            let key = eve.scattering == .clusters ? tap.angles : nil
            var factor: [Complex]
            if let same = known[key] {
                factor = same
            } else {
                let covariance = Self.covariance(positions, isNear: places != nil) {
                    eve.correlation(wavelengths: $0, tap: tap, atBob: nearBob)
                }
                guard let found = Self.cholesky(covariance, size: eve.antennas + 1) else {
                    throw QWaveError(
                        .usage, "Eve's antennas can't be correlated like that; space them further apart")
                }
                factor = Array(found[(eve.antennas + 1)...])
                known[key] = factor
            }
            mean = mean + factor[0] * tap.power
            factors.append(factor)
        }
        self.factors = factors
        correlation = isNear ? mean : .zero
    }

    /// The covariance of the end's antenna and Eve's, row after row.
    static func covariance(
        _ positions: [Double], isNear: Bool, _ correlation: (Double) -> Complex
    ) -> [Complex] {
        let size = positions.count + 1
        let all = [0] + positions
        var known: [Double: Complex] = [:]
        var result = [Complex](repeating: .zero, count: size * size)
        for i in 0..<size {
            for j in 0...i {
                let far = j == 0 && i > 0 && !isNear
                let distance = all[i] - all[j]
                let value = i == j ? Complex(1, 0) : far ? .zero : known[distance] ?? correlation(distance)
                if i != j, !far { known[distance] = value }
                result[i * size + j] = value
                result[j * size + i] = value.conjugate
            }
        }
        return result
    }

    /// An L with L·L* = `matrix`, row after row, whose column p weights process p; nil where what is left of a
    /// variable falls below −10⁻⁹.
    ///
    /// Row 0 has process 0 alone, row 1 processes 0 and 1. Then the variable of which most is left comes next, for
    /// where antennas stand close together any fixed order divides rounding by nearly nothing; what has less than
    /// 10⁻¹⁰ left follows from the others.
    static func cholesky(_ matrix: [Complex], size: Int) -> [Complex]? {
        var rest = matrix
        var l = [Complex](repeating: .zero, count: size * size)
        var open = Array(0..<size)
        for step in 0..<size {
            guard open.allSatisfy({ rest[$0 * size + $0].re >= -1e-9 }) else { return nil }
            let pivot = step < 2 ? step : open.max { rest[$0 * size + $0].re < rest[$1 * size + $1].re } ?? 0
            open.removeAll { $0 == pivot }
            let left = rest[pivot * size + pivot].re
            guard left > 1e-10 else { continue }
            let root = left.squareRoot()
            l[pivot * size + pivot] = Complex(root, 0)
            for i in open { l[i * size + pivot] = rest[i * size + pivot] * (1 / root) }
            for i in open {
                for k in open {
                    rest[i * size + k] =
                        rest[i * size + k] + l[i * size + pivot] * l[k * size + pivot].conjugate * -1
                }
            }
        }
        return l
    }

    /// The fading at an antenna: from the true channel's taps and the antennas' own, antenna after antenna.
    func fading(antenna: Int, common: [Complex], own: [[Complex]]) -> [Complex] {
        let width = antennas + 1
        return factors.indices.map { tap in
            let row = factors[tap][antenna * width..<(antenna + 1) * width]
            var sum = Complex.zero
            if isNear { sum = row[row.startIndex] * common[tap] }
            for other in 0..<antennas {
                let weight = row[row.startIndex + 1 + other]
                if weight != .zero { sum = sum + weight * own[other][tap] }
            }
            return sum
        }
    }
}
