// SPDX-License-Identifier: GPL-3.0-or-later

/// What no pipeline can exceed on a simulated channel: a rate above these is a defect, never a success.
///
/// For a wide-sense-stationary Gaussian channel with one antenna a side, exact phase and no turnaround. Only
/// the diffuse part of the power counts: a line of sight carries no key. What attackers do isn't in them.
public struct Ceilings: Sendable, Codable, Hashable {
    /// Power of each independent mode over the tones, largest first, for unit power in each tone.
    public var eigenvalues: [Double]
    /// N_eff = (Σλ)²/Σλ².
    public var effectiveModes: Double
    /// I_K = I(A;B) of one snapshot, in bits.
    public var bitsPerSnapshot: Double
    /// I(A;E): what Eve knows of Alice's snapshot from hearing her probe, in bits.
    public var eveBitsPerSnapshot: Double
    /// I(A;B|E), in bits: no key rate for a snapshot exceeds it once Eve hears.
    public var secretBitsPerSnapshot: Double
    /// I(A;B) a minute over the Doppler spectrum, without Eve.
    public var bitsPerMinute: Double
    /// The same less I(A;E), frequency by frequency where it is positive: what Eve leaves of it.
    public var secretBitsPerMinute: Double

    public init(_ parameters: SimulationParameters) {
        let eve = EveSubspace(parameters)
        eigenvalues = ToneCovariance.eigenvalues(
            parameters.model, tones: parameters.tones, spacing: parameters.bandwidth.spacing)
        let total = eigenvalues.reduce(0, +)
        effectiveModes = total * total / eigenvalues.reduce(0) { $0 + $1 * $1 }
        let diffuse = 1 / (1 + parameters.linearRiceFactor)
        let snr = [SimulatedEnd.alice, .bob, .eve].map { diffuse / parameters.noiseVariance($0) }
        bitsPerSnapshot = 0
        eveBitsPerSnapshot = 0
        secretBitsPerSnapshot = 0
        bitsPerMinute = 0
        secretBitsPerMinute = 0
        for value in eigenvalues {
            let mode = GaussianMode(alice: snr[0] * value, bob: snr[1] * value, eve: snr[2] * value)
            let explained = eve.explained(snr: mode.eve)
            bitsPerSnapshot += mode.information
            eveBitsPerSnapshot += mode.informationOfEve(explained: explained)
            secretBitsPerSnapshot += mode.informationGivenEve(explained: explained)
        }
        guard parameters.maximumDoppler > 0 else { return }
        let shares = parameters.spectrum.shares(
            maximumDoppler: parameters.maximumDoppler, rate: parameters.probeRate)
        let scale = 60 * parameters.probeRate / Double(shares.count)
        for value in eigenvalues {
            for share in shares where share > 0 {
                let density = value * share * Double(shares.count)
                let mode = GaussianMode(alice: snr[0] * density, bob: snr[1] * density, eve: snr[2] * density)
                let information = mode.information
                bitsPerMinute += scale * information
                secretBitsPerMinute +=
                    scale
                    * max(0, information - mode.informationOfEve(explained: eve.explained(snr: mode.eve)))
            }
        }
    }
}

extension TwoSidedSimulator {
    /// The ceilings of this run.
    public var ceilings: Ceilings { Ceilings(parameters) }
}
