// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The ratio of the two directions' hardware, tone by tone: Ĉ[k] = Σ H_B·H_A* / Σ|H_A|².
///
/// Measured on probes that are published and never keyed, 64 of them about once a minute, for it drifts slowly. What
/// it takes out is public; phases that are drawn anew for each capture must be taken out before.
public struct ReciprocityCalibration: Sendable, Hashable {
    /// Sacrificed probes that a calibration wants.
    public static let probes = 64

    /// Ĉ of each gain.
    public let ratios: [IQ]

    /// From paired snapshots of equal shape, the one end's and the other's.
    ///
    /// Nil without snapshots, for unequal shapes, or where a gain of the one end is always 0 or no number.
    public init?(initiator: [[IQ]], responder: [[IQ]]) {
        guard let width = initiator.first?.count, width > 0, initiator.count == responder.count,
            initiator.allSatisfy({ $0.count == width }), responder.allSatisfy({ $0.count == width })
        else { return nil }
        var ratios: [IQ] = []
        for k in 0..<width {
            var (re, im, power) = (0.0, 0.0, 0.0)
            for (a, b) in zip(initiator, responder) {
                let (x, y) = (
                    (re: Double(a[k].re), im: Double(a[k].im)), (re: Double(b[k].re), im: Double(b[k].im))
                )
                re += y.re * x.re + y.im * x.im
                im += y.im * x.re - y.re * x.im
                power += x.re * x.re + x.im * x.im
            }
            let ratio = IQ(Float(re / power), Float(im / power))
            guard power > 0, ratio.re.isFinite, ratio.im.isFinite else { return nil }
            ratios.append(ratio)
        }
        self.ratios = ratios
    }

    /// The initiator's gains as the responder's hardware would have shown them.
    ///
    /// - Precondition: as many gains as ratios.
    public func apply(_ gains: some Collection<IQ>) -> [IQ] {
        precondition(gains.count == ratios.count, "gains don't fit the calibration")
        return zip(gains, ratios).map { gain, ratio in
            IQ(gain.re * ratio.re - gain.im * ratio.im, gain.re * ratio.im + gain.im * ratio.re)
        }
    }
}
