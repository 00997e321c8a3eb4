// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// How the fading at Eve's antennas follows from the true channel's and from independent processes: per tap the
/// Cholesky factor of the joint covariance of (h, h_E1, …, h_EM).
struct EveArray: Sendable {
    let antennas: Int
    /// ρ of the first antenna with the end beside her, averaged over the taps' power.
    let correlation: Complex
    /// For each tap the rows 1…M of L, row after row, M + 1 entries each; column 0 weights the true channel.
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

    /// The lower triangular L with L·L* = `matrix`, row after row; nil where a pivot misses 0 by more than 10⁻⁹.
    ///
    /// A pivot below 10⁻⁸ is taken as 0: that antenna follows from those before it. A smaller one would divide
    /// rounding by its root, and where antennas stand close together there are many of them.
    static func cholesky(_ matrix: [Complex], size: Int) -> [Complex]? {
        var l = [Complex](repeating: .zero, count: size * size)
        for i in 0..<size {
            for j in 0...i {
                var sum = matrix[i * size + j]
                for k in 0..<j { sum = sum + l[i * size + k] * l[j * size + k].conjugate * -1 }
                if i == j {
                    guard sum.re >= -1e-9 else { return nil }
                    l[i * size + i] = Complex(sum.re > 1e-8 ? sum.re.squareRoot() : 0, 0)
                } else {
                    let pivot = l[j * size + j].re
                    l[i * size + j] = pivot > 0 ? sum * (1 / pivot) : .zero
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
            for other in 0..<antenna { sum = sum + row[row.startIndex + 1 + other] * own[other][tap] }
            return sum + own[antenna][tap] * row[row.startIndex + 1 + antenna].re
        }
    }
}
