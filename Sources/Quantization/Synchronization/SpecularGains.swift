// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// Gains around a steady line of sight: what of them neither the constant part nor a snapshot's phase and timing touch.
///
/// Where the constant part t is much stronger than all that fades, common phase and slope of a snapshot are found from
/// it alone (`AlignedGains`). Their error moves the gains along jt and jkt to first order, so the gains that are
/// orthogonal to t and kt over the complex numbers don't feel it: they are linear in the channel, circular Gaussian
/// where it is Gaussian, and the same at both ends. Two complex dimensions of the tones are given up for that.
public struct SpecularGains: Sendable, Hashable, Codable {
    /// The constant part as the template.
    public let alignment: AlignedGains
    /// Mean square error of phase and slope together, as a phase at a usual tone, in rad²: what is left to second order.
    public let phaseError: Double

    /// Complex dimensions that are given up.
    static let lost = 2
    /// The constant part has at least this share of the power, or phases aren't found from it alone.
    static let leastShare = 0.85

    init(alignment: AlignedGains, phaseError: Double) {
        self.alignment = alignment
        self.phaseError = phaseError
    }

    /// True for a plan from outside that fits `columns` features.
    func isValid(columns: Int) -> Bool {
        alignment.isValid(columns: columns) && phaseError >= 0 && phaseError < 1
    }

    /// Finds the constant part of published canonical gains; nil where there is none that is strong enough.
    public init?(canonical features: FeatureMatrix, tones: [Int]) {
        guard let start = AlignedGains(canonical: features, tones: tones) else { return nil }
        let step = max(1, features.rows / 2000)
        let rows = Swift.stride(from: 0, to: features.rows, by: step).map {
            features.slice($0..<$0 + 1).values
        }
        let sample = FeatureMatrix(rows: rows.count, columns: features.columns, values: rows.flatMap(\.self))
        var alignment = start
        var (aligned, share, size) = (sample, 0.0, 0.0)
        for _ in 0..<3 {
            aligned = alignment.apply(sample)
            var mean = [Double](repeating: 0, count: features.columns)
            var power = 0.0
            for row in 0..<aligned.rows {
                for column in mean.indices {
                    let value = Double(aligned[row, column])
                    mean[column] += value / Double(aligned.rows)
                    power += value * value / Double(aligned.rows)
                }
            }
            size = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard size > 0, size.isFinite, power > 0 else { return nil }
            share = size * size / power
            alignment = AlignedGains(tones: tones, template: mean.map { $0 / size })
        }
        guard share >= Self.leastShare else { return nil }
        self.init(alignment: alignment, phaseError: 0)
        // Imaginary parts along t and kt are turned away; the real ones, which stay, fade as much.
        let basis = directions
        var error = 0.0
        for row in 0..<aligned.rows {
            for (index, direction) in basis.enumerated() {
                let (re, _) = Self.inner(direction, aligned, row)
                let value = index == 0 ? re - size : re
                error += value * value / (size * size * Double(aligned.rows))
            }
        }
        self.init(alignment: alignment, phaseError: min(error, 0.999))
    }

    /// t and the part of kt that is orthogonal to it, of unit length, real parts first.
    private var directions: [[Double]] {
        let t = alignment.template
        let half = t.count / 2
        var (weight, center) = (0.0, 0.0)
        for k in 0..<half {
            let power = t[k] * t[k] + t[half + k] * t[half + k]
            weight += power
            center += power * Double(alignment.tones[k])
        }
        center /= max(weight, 1e-300)
        let slope = t.indices.map { t[$0] * (Double(alignment.tones[$0 % half]) - center) }
        return [t, slope].map { vector in
            let length = max(vector.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-150)
            return vector.map { $0 / length }
        }
    }

    /// Σ d* h of one row.
    private static func inner(_ d: [Double], _ h: FeatureMatrix, _ row: Int) -> (re: Double, im: Double) {
        let half = d.count / 2
        var (re, im) = (0.0, 0.0)
        for k in 0..<half {
            let (a, b) = (Double(h[row, k]), Double(h[row, half + k]))
            re += d[k] * a + d[half + k] * b
            im += d[k] * b - d[half + k] * a
        }
        return (re, im)
    }

    /// The gains orthogonal to t and kt of every row, in the layout of the canonical ones.
    func residual(_ canonical: FeatureMatrix) -> FeatureMatrix {
        var result = alignment.apply(canonical)
        let half = alignment.tones.count
        let basis = directions
        for row in 0..<result.rows {
            for d in basis {
                let (re, im) = Self.inner(d, result, row)
                for k in 0..<half {
                    let base = row * result.columns + k
                    result.values[base] -= Float(d[k] * re - d[half + k] * im)
                    result.values[base + half] -= Float(d[k] * im + d[half + k] * re)
                }
            }
        }
        return result
    }
}
