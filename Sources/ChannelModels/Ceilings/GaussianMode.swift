// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// One complex Gaussian coefficient that three ends measure: its power over each end's noise, linear.
public struct GaussianMode: Sendable, Hashable {
    public var alice: Double
    public var bob: Double
    public var eve: Double

    public init(alice: Double, bob: Double, eve: Double = 0) {
        self.alice = alice
        self.bob = bob
        self.eve = eve
    }

    /// I(A;B) in bits.
    public var information: Double { information(correlation: 1) }

    /// I(A;B) in bits where the channel decorrelates by `correlation` between the two measurements:
    /// −log₂(1 − ρ²·s_A/(1 + s_A)·s_B/(1 + s_B)); for equal s and ρ = 1 it is log₂(1 + s²/(2s + 1)).
    public func information(correlation: Double) -> Double {
        Self.bits(correlation * correlation * alice / (1 + alice) * bob / (1 + bob))
    }

    /// I(A;E) in bits, for |ρ_E| between the true coefficients.
    public func informationOfEve(correlation: Double) -> Double {
        informationOfEve(explained: correlation * correlation * eve / (1 + eve))
    }

    /// I(A;E) in bits, for the share of the coefficient's power that Eve's best combination explains.
    public func informationOfEve(explained: Double) -> Double {
        Self.bits(explained * alice / (1 + alice))
    }

    /// I(A;B|E) in bits.
    public func informationGivenEve(correlation: Double) -> Double {
        informationGivenEve(explained: correlation * correlation * eve / (1 + eve))
    }

    /// I(A;B|E) in bits, for the share of the coefficient's power that Eve's best combination explains.
    public func informationGivenEve(explained: Double) -> Double {
        guard alice > 0, bob > 0 else { return 0 }
        // In units of the coefficient's power: what remains at each end.
        let common = 1 - explained
        return Self.bits(common * common / ((common + 1 / alice) * (common + 1 / bob)))
    }

    /// −log₂(1 − x).
    private static func bits(_ x: Double) -> Double { -log1p(-x) / log(2) }
}

extension DopplerSpectrum {
    /// The share of a tap's power in each of equal frequency bins over one period of the sampled spectrum
    /// (−rate/2 to rate/2), with what lies beyond folded in; the shares sum to 1.
    ///
    /// Bins hold integrals, so Clarke's poles do no harm.
    func shares(maximumDoppler: Double, rate: Double) -> [Double] {
        let extent = self == .clarke ? maximumDoppler : 5 * maximumDoppler
        let folds = Int(min(extent / rate, 500)) + 1
        let count = max(1000, 100_000 / (2 * folds + 1))
        var shares = [Double](repeating: 0, count: count)
        for fold in -folds...folds {
            let start = (Double(fold) - 0.5) * rate
            var below = distribution(start / maximumDoppler)
            for bin in 0..<count {
                let edge = start + Double(bin + 1) / Double(count) * rate
                let upTo = distribution(edge / maximumDoppler)
                shares[bin] += upTo - below
                below = upTo
            }
        }
        let total = shares.reduce(0, +)
        return shares.map { $0 / total }
    }

    /// The share of power below `shift`, a multiple of f_d.
    private func distribution(_ shift: Double) -> Double {
        switch self {
        case .clarke: 0.5 + asin(min(max(shift, -1), 1)) / Double.pi
        case .bell: 0.5 + atan(3 * min(max(shift, -5), 5)) / (2 * atan(15))
        }
    }
}
