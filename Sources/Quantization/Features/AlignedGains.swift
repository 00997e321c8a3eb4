// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// Gains turned and delayed to fit a fixed template t as well as they can: a second canonical form, for which the
/// dependence inside a snapshot is known.
///
/// Common phase φ and phase slope β maximize Re Σ t*[k] H[k] exp(−j(φ + kβ)) near the slope of the canonical gains.
/// At the maximum Im Σ t* h = 0 and Im Σ k t* h = 0: two *linear* conditions, so the aligned gains h lie on a flat
/// slice, and where H is Gaussian their joint density is the Gaussian one, integrated over φ and β, times
/// |z c − s²| (z = Σ t* h, s = Σ k t* h, c = Σ k² t* h, real parts): Documentation/secrecy.md.
public struct AlignedGains: Sendable, Hashable, Codable {
    /// Integer tone index of each gain, rising.
    public let tones: [Int]
    /// The template, real parts first; the strongest direction of commissioned gains, unit length.
    public let template: [Double]

    /// Half the width of the slopes that are looked at, in rad a tone: more than any canonical slope errs.
    static let reach = 0.25
    static let newtonSteps = 4

    init(tones: [Int], template: [Double]) {
        self.tones = tones
        self.template = template
    }

    /// True for a plan from outside that fits `columns` features and can be computed with.
    public func isValid(columns: Int) -> Bool {
        let length = template.reduce(0) { $0 + $1 * $1 }
        return 2 * tones.count == columns && template.count == columns && columns >= 8
            && tones.allSatisfy { abs($0) <= 1 << 20 } && zip(tones, tones.dropFirst()).allSatisfy(<)
            && template.allSatisfy(\.isFinite) && length > 0.5 && length < 2
    }

    /// Finds the template of published canonical gains (real parts, then imaginary parts): align, take the strongest
    /// direction, align to it, and so on. Nil where gains vanish.
    public init?(canonical features: FeatureMatrix, tones: [Int]) {
        guard features.columns == 2 * tones.count, tones.count >= 8, features.rows >= 64 else { return nil }
        let step = max(1, features.rows / 1500)
        let rows = Swift.stride(from: 0, to: features.rows, by: step).map {
            features.slice($0..<$0 + 1).values
        }
        let sample = FeatureMatrix(rows: rows.count, columns: features.columns, values: rows.flatMap(\.self))
        guard var direction = Self.strongest(sample, start: nil) else { return nil }
        for _ in 0..<5 {
            let aligned = AlignedGains(tones: tones, template: direction).apply(sample)
            guard let next = Self.strongest(aligned, start: direction) else { return nil }
            direction = next
        }
        self.init(tones: tones, template: direction)
    }

    /// The strongest direction of the complex gains by power iteration.
    private static func strongest(_ features: FeatureMatrix, start: [Double]?) -> [Double]? {
        let half = features.columns / 2
        var t = start ?? (0..<features.columns).map { $0 < half ? 1 : 0 }
        for _ in 0..<12 {
            var next = [Double](repeating: 0, count: features.columns)
            for row in 0..<features.rows {
                var (re, im) = (0.0, 0.0)
                for k in 0..<half {
                    let (a, b) = (Double(features[row, k]), Double(features[row, half + k]))
                    re += t[k] * a + t[half + k] * b
                    im += t[k] * b - t[half + k] * a
                }
                for k in 0..<half {
                    let (a, b) = (Double(features[row, k]), Double(features[row, half + k]))
                    next[k] += a * re + b * im
                    next[half + k] += b * re - a * im
                }
            }
            let length = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard length > 0, length.isFinite else { return nil }
            t = next.map { $0 / length }
        }
        return t
    }

    /// The aligned gains of every row, in the layout of the canonical ones.
    public func apply(_ canonical: FeatureMatrix) -> FeatureMatrix {
        let half = tones.count
        guard canonical.columns == 2 * half, let first = tones.first, let last = tones.last else {
            return canonical
        }
        var result = canonical
        // A grid finer than the main lobe, then Newton's steps.
        let spacing = 1.5 / Double(max(last - first, 1))
        let reach = Int((Self.reach / spacing).rounded(.up))
        let turns = (-reach...reach).map { place in
            tones.map { k in
                let angle = -Double(k) * Double(place) * spacing
                return (re: cos(angle), im: sin(angle))
            }
        }
        var product = [(re: Double, im: Double)](repeating: (0, 0), count: half)
        for row in 0..<canonical.rows {
            for k in 0..<half {
                let (a, b) = (Double(canonical[row, k]), Double(canonical[row, half + k]))
                let (c, d) = (template[k], template[half + k])
                product[k] = (a * c + b * d, b * c - a * d)
            }
            var best = 0
            var most = -1.0
            for (place, turn) in turns.enumerated() {
                var (re, im) = (0.0, 0.0)
                for k in 0..<half {
                    re += product[k].re * turn[k].re - product[k].im * turn[k].im
                    im += product[k].re * turn[k].im + product[k].im * turn[k].re
                }
                let power = re * re + im * im
                if power > most { (most, best) = (power, place) }
            }
            let (slope, phase) = refine(product, start: Double(best - reach) * spacing, limit: spacing)
            for k in 0..<half {
                let angle = -(Double(tones[k]) * slope + phase)
                let (c, s) = (cos(angle), sin(angle))
                let (a, b) = (Double(canonical[row, k]), Double(canonical[row, half + k]))
                result.values[row * canonical.columns + k] = Float(a * c - b * s)
                result.values[row * canonical.columns + half + k] = Float(a * s + b * c)
            }
        }
        return result
    }

    /// Newton's steps on |Σ p exp(−jkβ)|², never further than `limit` each; the slope and the phase that is left.
    private func refine(_ product: [(re: Double, im: Double)], start: Double, limit: Double) -> (
        Double, Double
    ) {
        var slope = start
        var sum = moments(product, slope)
        for _ in 0..<Self.newtonSteps {
            // f' = −jΣ k e, f'' = −Σ k² e.
            let first = 2 * (sum.zero.re * sum.one.im - sum.zero.im * sum.one.re)
            let second =
                2 * (sum.one.re * sum.one.re + sum.one.im * sum.one.im)
                - 2 * (sum.zero.re * sum.two.re + sum.zero.im * sum.two.im)
            guard second < 0 else { break }
            slope += max(-limit, min(limit, -first / second))
            sum = moments(product, slope)
        }
        return (slope, atan2(sum.zero.im, sum.zero.re))
    }

    private typealias Pair = (re: Double, im: Double)

    /// Σ k^m p exp(−jkβ), m = 0, 1, 2.
    private func moments(_ product: [Pair], _ slope: Double) -> (zero: Pair, one: Pair, two: Pair) {
        var (zero, one, two): (Pair, Pair, Pair) = ((0, 0), (0, 0), (0, 0))
        for (index, tone) in tones.enumerated() {
            let k = Double(tone)
            let (c, s) = (cos(-k * slope), sin(-k * slope))
            let re = product[index].re * c - product[index].im * s
            let im = product[index].re * s + product[index].im * c
            zero = (zero.re + re, zero.im + im)
            one = (one.re + k * re, one.im + k * im)
            two = (two.re + k * k * re, two.im + k * k * im)
        }
        return (zero, one, two)
    }
}
