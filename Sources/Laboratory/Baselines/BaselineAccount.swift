// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Quantization
internal import Secrecy
internal import Statistics

/// What the past, the other symbols of a row and Eve take of a baseline's symbols: the Gaussian charges of the key
/// length, with their confidence bounds.
///
/// In the baseline's favor: bits that are kept here and there are charged as if they lay evenly apart, lists of
/// places are charged nothing beyond that (the entropy is that of what they leave), memory that a correlation doesn't
/// see is charged nothing, and where little was published the past reaches back less far.
struct BaselineAccount {
    /// Bits a row.
    var memory: Double
    var eve: Double

    /// Nil where there are too few rows for a bound; that means no key.
    ///
    /// - Parameters:
    ///   - symbols: of the published pairs.
    ///   - spacing: rows between symbols of the keyed part.
    ///   - evePresent: whether her capture was given; else ρ_E = 0.4 is charged for each variable.
    init?(_ symbols: BaselineSymbols, spacing: Int, evePresent: Bool, epsilon: Double) {
        let width = symbols.scores.count
        let rows = symbols.scores.first?.count ?? 0
        guard width > 0 else { return nil }
        let hers = evePresent ? symbols.eve : []
        let orders = (width == 1 ? [16, 8, 4, 2] : width <= 8 ? [4, 2, 1] : [2, 1]).filter {
            (rows - $0 * spacing) / spacing > 2 * (($0 + 1) * width + hers.count + 4)
        }
        guard let order = orders.first else { return nil }
        let usable = rows - order * spacing
        let past = order * width
        let bound = ConfidenceBound(epsilon: epsilon, estimates: 2 * width)
        let effective = Double(usable) / Double(spacing)

        func residuals(withEve: Bool) -> [Double]? {
            let columns = past + (withEve ? hers.count : 0) + width
            guard effective > Double(columns + 4) else { return nil }
            let joint = Matrix(rows: usable, columns: columns) { row, column in
                let now = row + order * spacing
                if column < past {
                    return symbols.scores[column % width][now - (column / width + 1) * spacing]
                }
                if column >= columns - width { return symbols.scores[column - (columns - width)][now] }
                return hers[column - past][now]
            }
            var covariance = joint.covariance
            for index in 0..<columns {
                covariance[index, index] += 1e-9 * max(covariance[index, index], 1e-9)
            }
            guard let factor = Cholesky(covariance)?.factor else { return nil }
            return (0..<width).map { variable in
                let place = columns - width + variable
                let left = factor[place, place] * factor[place, place] / max(covariance[place, place], 1e-12)
                return max(0, min(1, left))
            }
        }
        func charge(_ left: [Double], coefficients: Int) -> Double? {
            var sum = 0.0
            for (variable, value) in left.enumerated() {
                guard
                    let upper = bound.upper(
                        (1 - value).squareRoot(), samples: effective, coefficients: coefficients + variable)
                else { return nil }
                sum += ConfidenceBound.charge(correlation: min(upper, 1 - 1e-12))
            }
            return sum
        }
        guard let alone = residuals(withEve: false), let memory = charge(alone, coefficients: past) else {
            return nil
        }
        self.memory = memory
        if evePresent {
            guard let both = residuals(withEve: true), let all = charge(both, coefficients: past + hers.count)
            else { return nil }
            eve = max(0, all - memory)
        } else {
            eve = Double(width) * ConfidenceBound.charge(correlation: 0.4)
        }
    }
}
