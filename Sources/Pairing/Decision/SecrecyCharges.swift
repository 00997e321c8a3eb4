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
        /// Place on the grid of Fisher's transform.
        var node: Int
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

    public func quantile(estimates: Int) -> Double {
        ConfidenceBound(epsilon: epsilons.estimation, estimates: estimates).z
    }

    public func errorLaw(
        labels: QuantizationPlan.Labels, bits: Int, helperBits: Int, correlation: Double, lowerBound: Double
    ) -> ErrorLaw {
        let interval = PatternInterval(correlation: correlation, lowerBound: lowerBound)
        let helper = labels == .helper ? helperBits : 0
        let nodes = interval.nodes.map { node(bits: bits, helperBits: helper, $0) }
        var law = node(bits: bits, helperBits: helper, interval.center)
        law.charge = PatternInterval.charge(
            bits: bits, largest: nodes.map(\.charge).max() ?? Double(bits))
        return law
    }

    /// The law at one node: half the bits wrong and everything told where there is none.
    private func node(bits: Int, helperBits: Int, _ index: Int) -> ErrorLaw {
        let key = Key(bits: bits, helperBits: helperBits, node: index)
        if let known = laws.withLock({ $0[key] }) { return known }
        var law = ErrorLaw(rates: [Double](repeating: 0.5, count: bits), charge: Double(bits))
        if let pattern = ErrorPattern(
            bits: bits, helperBits: helperBits, correlation: PatternInterval.correlation(at: index))
        {
            law = ErrorLaw(
                rates: pattern.bitErrorRates.map { min(max($0, 1e-6), 0.5) }, charge: pattern.componentCharge,
                softEntropies: SymbolUncertainty.stagedBits(
                    bits: bits, helperBits: helperBits, correlation: PatternInterval.correlation(at: index)))
        }
        laws.withLock { $0[key] = law }
        return law
    }

    public func eveCharge(measured: Double?) -> Double {
        guard let assumed = threatModel.eveCorrelation, let least = threatModel.eveCorrelationFloor else {
            return .infinity
        }
        return ConfidenceBound.charge(correlation: measured.map { max($0, least) } ?? assumed)
    }

    public func finiteSizePenalty(symbols: Double, bits: Int) -> Double {
        FiniteSize.penalty(symbols: Int(symbols), alphabet: 1 << bits, epsilon: epsilons.smoothing)
    }
}
