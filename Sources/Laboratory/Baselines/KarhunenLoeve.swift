// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Quantization
internal import Statistics

/// HRUBE's way from a stream to uncorrelated components: one instant for both ends, then the eigenvectors of the
/// covariance over 32 samples in a row, all from what is published.
struct KarhunenLoeve: Sendable {
    static let length = 32
    /// Disagreement that a component may have.
    static let tolerance = 0.04

    /// MAQ's bits of each component, 0 where it isn't worth one.
    let bits: [Int]
    /// By how much of an interval the two ends measure apart.
    private let turnaround: Double
    private let vectors: Matrix
    private let means: (initiator: Double, responder: Double)
    private let laws: (initiator: [MarginalDistribution], responder: [MarginalDistribution])

    /// Nil for fewer than 96 samples, or ones that don't vary.
    init?(_ initiator: [Double], _ responder: [Double]) {
        let length = Self.length
        guard initiator.count >= 3 * length else { return nil }
        let shifts = (-5...5).map { Double($0) / 10 }
        let ranked = shifts.map { shift in
            Series.correlation(
                Self.moved(initiator, shift, .initiator), Self.moved(responder, shift, .responder))
        }
        guard let best = ranked.indices.max(by: { ranked[$0] < ranked[$1] }), ranked[best] > 0 else {
            return nil
        }
        let turnaround = shifts[best]
        let (a, b) = (
            Self.moved(initiator, turnaround, .initiator), Self.moved(responder, turnaround, .responder)
        )
        let covariance = Series.autocovariance(a, maximumLag: length - 1)
        guard let eigen = SymmetricEigen(Matrix(rows: length, columns: length) { covariance[abs($0 - $1)] })
        else { return nil }
        self.turnaround = turnaround
        vectors = eigen.vectors
        means = (Series.mean(a), Series.mean(b))
        func components(_ x: [Double], _ mean: Double) -> [[Double]] {
            Self.project(x.map { $0 - mean }, eigen.vectors, step: 4)
        }
        let (own, other) = (components(a, means.initiator), components(b, means.responder))
        let left = own.compactMap { MarginalDistribution(samples: $0) }
        let right = other.compactMap { MarginalDistribution(samples: $0) }
        guard left.count == length, right.count == length else { return nil }
        laws = (left, right)
        bits = (0..<length).map { component in
            let (x, y) = (
                own[component].map(left[component].score), other[component].map(right[component].score)
            )
            return (1...3).last { Self.disagreement(x, y, bits: $0) <= Self.tolerance } ?? 0
        }
    }

    /// The stream at the instant between the ends' measurements.
    private static func moved(_ x: [Double], _ turnaround: Double, _ role: Party.Role) -> [Double] {
        MidpointInterpolation(turnaround: turnaround, interval: 1, receivesFirst: role == .initiator).apply(x)
    }

    /// Component after component over the blocks that begin every `step` samples.
    private static func project(_ x: [Double], _ vectors: Matrix, step: Int) -> [[Double]] {
        let starts = stride(from: 0, through: x.count - length, by: step)
        return (0..<length).map { component in
            starts.map { start in
                (0..<length).reduce(0) { $0 + vectors[$1, component] * x[start + $1] }
            }
        }
    }

    private static func disagreement(_ x: [Double], _ y: [Double], bits: Int) -> Double {
        let quantizer = BinClassQuantizer(bits: bits)
        var errors = 0
        for (a, b) in zip(x, y) {
            let bin = quantizer.bin(a)
            let e = quantizer.publicBit(bin)
            let difference =
                quantizer.label(bin, publicBit: e) ^ quantizer.label(quantizer.bin(b), publicBit: e)
            errors += difference.nonzeroBitCount
        }
        return x.isEmpty ? 1 : Double(errors) / Double(bits * x.count)
    }

    /// Normal scores of an end's components over the blocks of a stretch.
    func scores(_ x: [Double], _ role: Party.Role) -> [[Double]] {
        let (mean, laws) =
            role == .initiator ? (means.initiator, laws.initiator) : (means.responder, laws.responder)
        let centered = Self.moved(x, turnaround, role).map { $0 - mean }
        return zip(Self.project(centered, vectors, step: Self.length), laws).map { series, law in
            series.map(law.score)
        }
    }

    /// An eavesdropper's components, in her own unit.
    func rows(_ x: [Double]) -> [[Double]] {
        let mean = Series.mean(x)
        return Self.project(x.map { $0 - mean }, vectors, step: Self.length)
    }
}
