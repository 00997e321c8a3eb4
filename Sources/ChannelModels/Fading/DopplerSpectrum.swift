// SPDX-License-Identifier: GPL-3.0-or-later

/// How a tap's power spreads over Doppler shifts; f_d is the largest shift that the speed makes.
public enum DopplerSpectrum: String, Sendable, Codable, CaseIterable {
    /// Clarke and Jakes: a terminal moves through waves from all around. Autocorrelation J₀(2πf_dτ).
    case clarke
    /// TGn's bell, 1/(1 + 9(f/f_d)²) cut at 5 f_d: both ends stand still and people move.
    case bell

    /// Sinusoids of which a tap is made unless told otherwise. The bell's tail is long and thin: of 32 a few stand alone
    /// in it, and blocks of some seconds show them as lines, where the spectrum has none.
    public var usualSinusoids: Int { self == .bell ? 256 : 32 }

    /// arctan 15: half the mass of the bell, from 0 to the cut at 5 f_d.
    private static let bellHalfAngle = 1.5042281630190728

    /// The Doppler shift of sinusoid `index` of `count`, in Hz, at place `u` (0 to 1) of its stratum.
    ///
    /// The strata tile the circle of arrival angles (Clarke; Xiao, Zheng and Beaulieu 2006) or the bell's
    /// distribution, so the ensemble's autocorrelation is exact for every count.
    func shift(index: Int, count: Int, u: Double, maximumDoppler: Double) -> Double {
        switch self {
        case .clarke:
            // a_n = (2πn + θ)/N, θ uniform on [−π, π).
            return maximumDoppler * Portable.sinCos(turns: (Double(index) + u - 0.5) / Double(count)).cos
        case .bell:
            let p = (Double(index) + u) / Double(count)
            let (sin, cos) = Portable.sinCos(turns: (2 * p - 1) * Self.bellHalfAngle / (2 * Double.pi))
            return maximumDoppler / 3 * (sin / cos)
        }
    }

    /// E[h*(t)·h(t + lag)] of a tap of unit power.
    public func autocorrelation(maximumDoppler: Double, lag: Double) -> Double {
        switch self {
        case .clarke:
            return SpatialCorrelation.besselJ0(2 * Double.pi * maximumDoppler * lag)
        case .bell:
            // Midpoints of equal shares of power; enough of them for many periods of the fastest shift.
            let extent = (10 * maximumDoppler * lag).magnitude
            let count = 4096 + 64 * Int(min(extent, 1e4))
            var sum = 0.0
            for index in 0..<count {
                let shift = shift(index: index, count: count, u: 0.5, maximumDoppler: maximumDoppler)
                sum += Portable.sinCos(turns: shift * lag).cos
            }
            return sum / Double(count)
        }
    }
}
