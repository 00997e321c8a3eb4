// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import Quantization
public import Secrecy
internal import Synchronization

/// The bounds and charges of room Secrecy, in the shape that commissioning asks for.
public final class SecrecyCharges: SelectionCharges {
    private struct Key: Hashable {
        var bits: Int
        var helperBits: Int
        var low: Int
        var high: Int
    }

    private let threatModel: ThreatModel
    private let epsilons: Epsilons
    private let laws = Mutex<[Key: ErrorLaw]>([:])

    public init(threatModel: ThreatModel, epsilons: Epsilons) {
        self.threatModel = threatModel
        self.epsilons = epsilons
    }

    public func upperBound(
        _ correlation: Double, effectiveSamples: Double, parameters: Int, estimates: Int
    ) -> Double? {
        ConfidenceBound(epsilon: epsilons.estimation, estimates: estimates)
            .upper(min(correlation, 1 - 1e-12), samples: effectiveSamples, coefficients: parameters)
    }

    public func lowerBound(_ correlation: Double, effectiveSamples: Double, estimates: Int) -> Double? {
        ConfidenceBound(epsilon: epsilons.estimation, estimates: estimates)
            .lower(min(correlation, 1 - 1e-12), samples: effectiveSamples)
    }

    public func errorLaw(
        labels: QuantizationPlan.Labels, bits: Int, helperBits: Int, correlation: Double, lowerBound: Double
    ) -> ErrorLaw {
        // Quadrature on a grid of Fisher's transform, so that many components share one: the interval is widened to
        // the grid. It is symmetric there, and the charge isn't monotone in ρ, so it spans both sides.
        let step = 0.02
        let center = min(atanh(min(correlation, 0.9999)), 4.6)
        let lower = min(atanh(min(max(lowerBound, 0), 0.9999)), center)
        let low = Int((lower / step).rounded(.down))
        let high = Int(((2 * center - lower) / step).rounded(.up))
        let key = Key(bits: bits, helperBits: labels == .helper ? helperBits : 0, low: low, high: high)
        if let known = laws.withLock({ $0[key] }) { return known }
        let middle = tanh(Double(low + high) / 2 * step)
        guard
            let pattern = ErrorPattern(bits: bits, helperBits: key.helperBits, correlation: middle),
            let charge = ErrorPattern.upperBound(
                bits: bits, helperBits: key.helperBits,
                correlation: tanh(Double(low) * step)...tanh(Double(max(low, high)) * step))
        else {
            return ErrorLaw(rates: [Double](repeating: 0.5, count: bits), charge: Double(bits))
        }
        let law = ErrorLaw(rates: pattern.bitErrorRates.map { min(max($0, 1e-6), 0.5) }, charge: charge)
        laws.withLock { $0[key] = law }
        return law
    }

    public func eveCharge(measured: Double?) -> Double {
        guard let assumed = threatModel.eveCorrelation else { return .infinity }
        guard let measured else { return ConfidenceBound.charge(correlation: assumed) }
        return ConfidenceBound.charge(correlation: measured)
    }

    public func finiteSizePenalty(symbols: Double, bits: Int) -> Double {
        FiniteSize.penalty(symbols: Int(symbols), alphabet: 1 << bits, epsilon: epsilons.smoothing)
    }
}
