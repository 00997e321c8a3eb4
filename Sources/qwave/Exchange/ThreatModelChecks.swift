// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Pairing
internal import QWaveCore
internal import Secrecy

/// What a threat model says of things that can be looked up: the carrier, and the secret that was enrolled.
extension ThreatModel {
    /// Meters per second.
    static let lightSpeed = 299_792_458.0
    /// How far a radius in meters may lie from the same one in wavelengths, as a share.
    private static let radiusTolerance = 0.05

    /// Throws `.usage` where the exclusion radius is another one in meters than in wavelengths of this carrier.
    ///
    /// - Parameters:
    ///   - carrier: in Hz; nil where nobody knows it.
    ///   - isStated: a file says both numbers. Else the wavelengths were reckoned from meters, maybe before the carrier
    ///     was known, and only those are refused for which Eve would be charged less than the true ones demand.
    func checkRadius(carrier: Double?, isStated: Bool) throws(QWaveError) {
        guard let carrier, carrier > 0, let exclusionRadius, exclusionRadius >= 0, let exclusionWavelengths,
            exclusionWavelengths >= 0
        else { return }
        let wavelength = Self.lightSpeed / carrier
        let actual = exclusionRadius / wavelength
        var truth = self
        truth.exclusionWavelengths = actual
        let isWrong =
            isStated
            ? !(abs(actual - exclusionWavelengths)
                <= Self.radiusTolerance * max(actual, exclusionWavelengths))
            : (truth.eveCorrelation ?? 1) > (eveCorrelation ?? 1)
        guard isWrong else { return }
        func digits(_ value: Double) -> String { String(format: "%.4g", value) }
        let place = "at this carrier, \(digits(carrier / 1e6)) MHz,"
        throw QWaveError(
            .usage,
            isStated
                ? "the threat model's exclusion radius is \(exclusionRadius) m and \(exclusionWavelengths) "
                    + "wavelengths, and \(place) \(exclusionRadius) m are \(digits(actual)) wavelengths: give it "
                    + "\"exclusionWavelengths\": \(digits(actual)), or \"exclusionRadius\": "
                    + digits(exclusionWavelengths * wavelength)
                : "--exclusion-radius \(exclusionRadius) m was taken for \(exclusionWavelengths) wavelengths, and "
                    + "\(place) it is \(digits(actual)), so close that Eve must be charged more: give a "
                    + "--threat-model file that says both")
    }

    /// Throws `.usage` for a pre-shared key that can't be the one that authenticates.
    ///
    /// - Parameter enrolledBits: bits of the secret that was enrolled; nil where it isn't at hand.
    func checkSecret(enrolledBits: Int? = nil) throws(QWaveError) {
        guard let key = preSharedKey else { return }
        if let enrolledBits, key.length != enrolledBits {
            throw QWaveError(
                .usage,
                "the threat model's pre-shared key has \(key.length) bits, and the secret that was enrolled into this "
                    + "pad \(enrolledBits): give it \"length\": \(enrolledBits)")
        }
        let least = Exchange.authenticationBits(commits: false)
        guard !key.exists || key.length >= least else {
            throw QWaveError(
                .usage,
                "the threat model's pre-shared key has \(key.length) bits, and the tags of one exchange alone consume "
                    + "\(least): say how many were enrolled, 8 for each byte of qwave enroll --bytes, or length 0 "
                    + "where there is none")
        }
    }
}
