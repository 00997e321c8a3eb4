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
        // Quadrature on a grid of ρ, so that many components share one: the interval is widened to the grid.
        let step = 0.005
        let low = max(0, (lowerBound / step).rounded(.down) * step)
        // The interval is symmetric in Fisher's transform; the charge isn't monotone in ρ, so it spans both sides.
        let upper = tanh(2 * atanh(min(correlation, 0.9999)) - atanh(min(lowerBound, 0.9999)))
        let high = min(0.9999, (upper / step).rounded(.up) * step)
        let key = Key(
            bits: bits, helperBits: labels == .helper ? helperBits : 0, low: Int((low / step).rounded()),
            high: Int((high / step).rounded()))
        if let known = laws.withLock({ $0[key] }) { return known }
        let middle = min(max((correlation / step).rounded() * step, 0), 0.9999)
        guard
            let pattern = ErrorPattern(bits: bits, helperBits: key.helperBits, correlation: middle),
            let charge = ErrorPattern.upperBound(
                bits: bits, helperBits: key.helperBits, correlation: low...max(low, high))
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
