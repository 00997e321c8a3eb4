// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// A responder's synchronized block before the initiator's references are known: her modes over time as he sees them.
///
/// Two ends' tracks of one block differ by a constant phase and by slow drifts of phase and slope, which the band
/// doesn't show. The references show them: drifts are a few cosines over the block, estimated by least squares from
/// the references alone, with a prior of the drifts' usual size.
struct DriftingBlock: Sendable {
    /// Cosines of the phase's and of the slope's drift.
    static let phaseTerms = 5
    static let slopeTerms = 3
    /// Usual size of each term: radians, and radians at the outermost tone.
    static let phaseSize = 0.1
    static let slopeSize = 0.1

    private let modes: Int
    /// By snapshot and mode of the initiator's.
    private var real: [Float]
    private var imaginary: [Float]
    private var slopeReal: [Float]
    private var slopeImaginary: [Float]

    init(_ result: BlockTracker.Result, plan: SynchronizedPlan, length: Int) {
        modes = plan.initiator.powers.count
        let sources = plan.responder.powers.count
        real = [Float](repeating: 0, count: length * modes)
        imaginary = real
        slopeReal = real
        slopeImaginary = real
        for mode in 0..<modes {
            for source in 0..<sources {
                let a = Float(plan.projectionReal[mode][source])
                let b = Float(plan.projectionImaginary[mode][source])
                for t in 0..<length {
                    let (to, from) = (t &* modes &+ mode, t &* sources &+ source)
                    real[to] += a * result.real[from] - b * result.imaginary[from]
                    imaginary[to] += a * result.imaginary[from] + b * result.real[from]
                    slopeReal[to] += a * result.slopeReal[from] - b * result.slopeImaginary[from]
                    slopeImaginary[to] += a * result.slopeImaginary[from] + b * result.slopeReal[from]
                }
            }
        }
    }

    /// The coefficients under the drifts that the references show.
    ///
    /// - Parameter references: real and imaginary parts in turn.
    func aligned(to references: [Double], _ transform: TimeTransform, _ plan: SynchronizedPlan)
        -> (real: [Double], imaginary: [Double])
    {
        var block = self
        block.turn(references, transform, plan)
        for _ in 0..<2 { block.follow(references, transform, plan) }
        return (
            transform.apply(block.real, modes: modes), transform.apply(block.imaginary, modes: modes)
        )
    }

    /// One coefficient of a series over time, weighted.
    private func coefficient(_ values: [Float], _ mode: Int, _ vector: ArraySlice<Double>, _ weight: [Double])
        -> Double
    {
        var sum = 0.0
        for (t, v) in vector.enumerated() { sum += v * weight[t] * Double(values[t &* modes &+ mode]) }
        return sum
    }

    private mutating func turn(_ references: [Double], _ transform: TimeTransform, _ plan: SynchronizedPlan) {
        let ones = [Double](repeating: 1, count: transform.length)
        var (a, b) = (0.0, 0.0)
        for (index, member) in plan.references.enumerated() {
            let vector = transform.vector(member.bin)
            let re = coefficient(real, member.mode, vector, ones)
            let im = coefficient(imaginary, member.mode, vector, ones)
            // Σ hers · his*.
            a += references[2 * index] * re + references[2 * index + 1] * im
            b += references[2 * index + 1] * re - references[2 * index] * im
        }
        let angle = Float(atan2(b, a))
        apply(
            phase: [Float](repeating: angle, count: transform.length),
            slope: [Float](repeating: 0, count: transform.length))
    }

    /// z ← (z + s ∂z/∂s) e^{jφ}, snapshot by snapshot.
    private mutating func apply(phase: [Float], slope: [Float]) {
        for t in phase.indices {
            let (c, s) = (cosf(phase[t]), sinf(phase[t]))
            for mode in 0..<modes {
                let place = t &* modes &+ mode
                let re = real[place] + slope[t] * slopeReal[place]
                let im = imaginary[place] + slope[t] * slopeImaginary[place]
                real[place] = re * c - im * s
                imaginary[place] = re * s + im * c
                let (x, y) = (slopeReal[place], slopeImaginary[place])
                slopeReal[place] = x * c - y * s
                slopeImaginary[place] = x * s + y * c
            }
        }
    }

    private mutating func follow(_ references: [Double], _ transform: TimeTransform, _ plan: SynchronizedPlan)
    {
        let length = transform.length
        let outermost = Double(plan.initiator.tones.reduce(1) { max($0, abs($1)) })
        let cosines = (0..<max(Self.phaseTerms, Self.slopeTerms)).map { i in
            (0..<length).map { cos(Double.pi * Double(i) * (Double($0) + 0.5) / Double(length)) }
        }
        let unknowns = Self.phaseTerms + Self.slopeTerms
        var normal = Matrix(rows: unknowns, columns: unknowns)
        var right = [Double](repeating: 0, count: unknowns)
        let noise = plan.initiator.noise + plan.responder.noise
        for (index, member) in plan.references.enumerated() {
            let vector = transform.vector(member.bin)
            var rowRe = [Double](repeating: 0, count: unknowns)
            var rowIm = rowRe
            for i in 0..<Self.phaseTerms {
                rowRe[i] = -coefficient(imaginary, member.mode, vector, cosines[i])
                rowIm[i] = coefficient(real, member.mode, vector, cosines[i])
            }
            for i in 0..<Self.slopeTerms {
                rowRe[Self.phaseTerms + i] = coefficient(slopeReal, member.mode, vector, cosines[i])
                rowIm[Self.phaseTerms + i] = coefficient(slopeImaginary, member.mode, vector, cosines[i])
            }
            let errorRe = references[2 * index] - rowIm[0]
            let errorIm = references[2 * index + 1] + rowRe[0]
            for i in 0..<unknowns {
                right[i] += (rowRe[i] * errorRe + rowIm[i] * errorIm) / noise
                for j in 0...i { normal[i, j] += (rowRe[i] * rowRe[j] + rowIm[i] * rowIm[j]) / noise }
            }
        }
        for i in 0..<unknowns {
            let size = i < Self.phaseTerms ? Self.phaseSize : Self.slopeSize / outermost
            normal[i, i] += 1 / (size * size)
        }
        guard let solution = Cholesky(normal)?.solve(right), solution.allSatisfy(\.isFinite) else { return }
        var phase = [Float](repeating: 0, count: length)
        var slope = phase
        for t in 0..<length {
            for i in 0..<Self.phaseTerms { phase[t] += Float(solution[i] * cosines[i][t]) }
            for i in 0..<Self.slopeTerms { slope[t] += Float(solution[Self.phaseTerms + i] * cosines[i][t]) }
        }
        apply(phase: phase, slope: slope)
    }
}
