// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelEstimation
internal import Foundation
public import QWaveCore

/// The ratio of the two directions' hardware, tone by tone: H_AB/H_BA = T_A·R_B/(T_B·R_A), which the air has no part in.
///
/// Estimated from sacrificed probes that both ends published: C[k] = Σ H_B·conj(H_A)/Σ|H_A|², after the two phases that
/// every pair of probes has of its own (common phase and timing) are taken off. An ideal pair of devices has 1 on all
/// tones; what is left is what a reciprocity calibration divides by.
public struct ChainRatio: Sendable, Hashable {
    public var tones: [Int]
    /// Responder's gain over initiator's, mean phase and slope taken off.
    public var ratio: [IQ]
    /// Pairs that it is a mean of.
    public var pairs: Int

    /// Largest less smallest |ratio|, in dB.
    public var amplitudeSpread: Double {
        let levels = ratio.map { 20 * log10(Double(max($0.amplitude, 1e-9))) }
        return (levels.max() ?? 0) - (levels.min() ?? 0)
    }
    /// Root mean square phase of the ratio in degrees.
    public var phaseSpread: Double {
        let squares = ratio.map { pow(atan2(Double($0.im), Double($0.re)) * 180 / .pi, 2) }
        return (squares.reduce(0, +) / Double(max(squares.count, 1))).squareRoot()
    }

    /// - Parameters: both ends' traces of the same probes; paired by sequence number.
    /// - Throws: `.refused` for fewer than 16 pairs, `.badInput` for traces of different tones.
    public init(initiator: ChannelTrace, responder: ChannelTrace) throws(QWaveError) {
        let tones = initiator.description.toneIndices
        guard tones == responder.description.toneIndices, !tones.isEmpty else {
            throw QWaveError(.badInput, "the traces have different tones, or don't say which they have")
        }
        var places: [UInt64: Int] = [:]
        for index in 0..<responder.count {
            if let sequence = responder.sequence(at: index) { places[sequence] = index }
        }
        var cross = [(re: Double, im: Double)](repeating: (0, 0), count: tones.count)
        var power = [Double](repeating: 0, count: tones.count)
        var pairs = 0
        for index in 0..<initiator.count {
            guard let sequence = initiator.sequence(at: index), let place = places[sequence] else { continue }
            let a = Array(initiator.gains(at: index))
            let b = Array(responder.gains(at: place))
            guard a.count == tones.count, b.count == tones.count else {
                throw QWaveError(.badInput, "probe \(sequence) has not as many gains as the trace has tones")
            }
            pairs += 1
            let products = Self.straightened(zip(a, b).map { $1 * $0.conjugate }, tones)
            for tone in tones.indices {
                cross[tone].re += Double(products[tone].re)
                cross[tone].im += Double(products[tone].im)
                power[tone] += Double(a[tone].power)
            }
        }
        guard pairs >= 16 else {
            throw QWaveError(.refused, "a calibration takes 16 pairs of probes at least, here are \(pairs)")
        }
        self.tones = tones
        self.pairs = pairs
        let ratio = zip(cross, power).map { cross, power in
            IQ(Float(cross.re / max(power, 1e-30)), Float(cross.im / max(power, 1e-30)))
        }
        self.ratio = Self.straightened(ratio, tones)
    }

    /// Values with their mean phase and their phase's slope over tones taken off.
    private static func straightened(_ values: [IQ], _ tones: [Int]) -> [IQ] {
        var (re, im) = (0.0, 0.0)
        for index in tones.indices.dropFirst() where tones[index] == tones[index - 1] + 1 {
            let product = values[index] * values[index - 1].conjugate
            re += Double(product.re)
            im += Double(product.im)
        }
        let slope = atan2(im, re)
        func turned(_ value: IQ, _ angle: Double) -> IQ { value * IQ(Float(cos(angle)), Float(sin(angle))) }
        let level = zip(values, tones).map { turned($0, -slope * Double($1)) }
        (re, im) = (0, 0)
        for value in level {
            re += Double(value.re)
            im += Double(value.im)
        }
        let phase = atan2(im, re)
        return level.map { turned($0, -phase) }
    }
}
