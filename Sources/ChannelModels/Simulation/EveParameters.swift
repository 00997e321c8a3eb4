// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// Where the eavesdropper stands, how many antennas she has and how well she hears.
///
/// Her antennas stand in a line that leads away from Bob (and, where `distanceToAlice` is given, another time
/// from Alice): the first at the distance, each further one `antennaSpacing` behind.
public struct EveParameters: Sendable, Hashable, Codable {
    /// From where the waves come that correlate her channel with the ends'.
    public enum Scattering: String, Sendable, Codable, CaseIterable {
        /// A von Mises density of arrival angles; isotropic (Clarke, J₀) at a concentration of 0.
        case vonMises = "von-mises"
        /// The channel model's own clusters, Laplacian over angle, tap by tap (TGn and TGac).
        case clusters
    }

    /// In meters; 0 makes what she hears of Alice's probe equal to Bob's channel.
    public var distanceToBob = 0.5
    /// In meters; nil is far away, where what she hears of Bob's probe tells nothing.
    public var distanceToAlice: Double?
    /// In dB; nil is Bob's.
    public var snr: Double?
    /// 1 to 64.
    public var antennas = 1
    /// In wavelengths.
    public var antennaSpacing = 0.5
    public var scattering = Scattering.vonMises
    /// κ of the von Mises density of arrival angles; 0 is isotropic.
    public var concentration = 0.0
    /// Angle between the baseline to Eve and the mean arrival direction (for clusters: the direction of 0°), in
    /// degrees; 90 is broadside.
    public var baselineAngle = 90.0

    public init(distanceToBob: Double = 0.5, snr: Double? = nil) {
        self.distanceToBob = distanceToBob
        self.snr = snr
    }

    /// ρ over a distance in wavelengths along her baseline, for a tap: E[h(0)*·h(d)], 1 at 0, conjugate for −d.
    ///
    /// - Parameter atBob: whether the waves that arrive at Bob count, or those that arrive at Alice.
    func correlation(wavelengths d: Double, tap: ChannelModel.Tap, atBob: Bool) -> Complex {
        let x = 2 * Double.pi * d
        let baseline = baselineAngle * Double.pi / 180
        guard scattering == .clusters, let angles = tap.angles else {
            return SpatialCorrelation.vonMises(x: x, kappa: concentration, angle: baseline)
        }
        return angles.reduce(.zero) { sum, part in
            let (angle, spread) =
                atBob ? (part.arrival, part.arrivalSpread) : (part.departure, part.departureSpread)
            return sum
                + SpatialCorrelation.laplacian(
                    x: x, angle: baseline - angle * Double.pi / 180, spread: spread * Double.pi / 180)
                * part.share
        }
    }

    /// The distances of her antennas to Bob or to Alice, in wavelengths; nil where she isn't near.
    func distances(toBob: Bool, wavelength: Double) -> [Double]? {
        (toBob ? distanceToBob : distanceToAlice).map { first in
            (0..<antennas).map { first / wavelength + Double($0) * antennaSpacing }
        }
    }

    func validate(
        _ model: ChannelModel, _ require: (Double, String, ClosedRange<Double>) throws(QWaveError) -> Void
    ) throws(QWaveError) {
        try require(snr ?? 0, "Eve's SNR (dB)", -60...120)
        try require(distanceToBob, "Eve's distance to Bob (m)", 0...1e6)
        try require(distanceToAlice ?? 0, "Eve's distance to Alice (m)", 0...1e6)
        try require(Double(antennas), "the number of Eve's antennas", 1...64)
        try require(antennaSpacing, "the spacing of Eve's antennas (wavelengths)", 0.01...1e4)
        try require(concentration, "the scattering's concentration", 0...1e4)
        try require(baselineAngle, "the angle of Eve's baseline (degrees)", -360...360)
        guard scattering != .clusters || model.taps.allSatisfy({ $0.angles != nil }) else {
            throw QWaveError(
                .usage,
                "\(model.name) says nothing of angles; only tgn-a to tgn-f and tgac-a to tgac-f have clusters"
            )
        }
    }
}
