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

    /// Distance of the grid's nodes in Fisher's transform of ρ.
    private static let step = 0.04

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
        // The interval is symmetric in Fisher's transform. The charge isn't monotone in ρ, so every node of the
        // interval, widened to the grid, is looked at; between nodes the smooth curve can only rise by its
        // curvature, which the last factor pays for.
        let center = min(atanh(min(correlation, 0.9999)), 4.6)
        let lower = min(atanh(min(max(lowerBound, 0), 0.9999)), center)
        let low = Int((lower / Self.step).rounded(.down))
        let high = Int(((2 * center - lower) / Self.step).rounded(.up))
        let helper = labels == .helper ? helperBits : 0
        let nodes = (low...max(low, high)).map { node(bits: bits, helperBits: helper, $0) }
        var law = node(bits: bits, helperBits: helper, Int((center / Self.step).rounded()))
        law.charge = min(Double(bits), 1.01 * (nodes.map(\.charge).max() ?? Double(bits)) + 0.001)
        return law
    }

    /// The law at one node: half the bits wrong and everything told where there is none.
    private func node(bits: Int, helperBits: Int, _ index: Int) -> ErrorLaw {
        let key = Key(bits: bits, helperBits: helperBits, node: index)
        if let known = laws.withLock({ $0[key] }) { return known }
        var law = ErrorLaw(rates: [Double](repeating: 0.5, count: bits), charge: Double(bits))
        if let pattern = ErrorPattern(
            bits: bits, helperBits: helperBits, correlation: tanh(Double(index) * Self.step))
        {
            law = ErrorLaw(
                rates: pattern.bitErrorRates.map { min(max($0, 1e-6), 0.5) }, charge: pattern.componentCharge,
                softEntropies: SymbolUncertainty.stagedBits(
                    bits: bits, helperBits: helperBits, correlation: tanh(Double(index) * Self.step)))
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
