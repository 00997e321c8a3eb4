// SPDX-License-Identifier: GPL-3.0-or-later

/// What selection must know of secrecy: bounds and charges, supplied by whoever composes the stages.
///
/// Quantization measures; another room decides what a measurement is worth. This is the seam between them.
public protocol SelectionCharges: Sendable {
    /// Upper confidence bound of a multiple correlation, nil where the samples carry none.
    ///
    /// - Parameters:
    ///   - effectiveSamples: independent samples behind the estimate.
    ///   - parameters: fitted coefficients.
    ///   - estimates: how many estimates must hold at once.
    func upperBound(_ correlation: Double, effectiveSamples: Double, parameters: Int, estimates: Int)
        -> Double?
    /// Lower confidence bound of a correlation, nil where the samples carry none.
    func lowerBound(_ correlation: Double, effectiveSamples: Double, estimates: Int) -> Double?
    /// The disagreement law of one symbol, worst over the interval of ρ.
    func errorLaw(
        labels: QuantizationPlan.Labels, bits: Int, helperBits: Int, correlation: Double, lowerBound: Double
    ) -> ErrorLaw
    /// Eve's charge in bits for each real component, given the upper bound of her measured correlation, if any.
    func eveCharge(measured: Double?) -> Double
    /// Finite-size penalty in bits for `symbols` symbols of `bits` bits.
    func finiteSizePenalty(symbols: Double, bits: Int) -> Double
}

/// How one symbol of a component disagrees between the ends, and what its error pattern tells.
public struct ErrorLaw: Sendable, Hashable {
    /// Disagreement of each label bit, most significant first.
    public var rates: [Double]
    /// Bits about the symbol that the whole error pattern tells, upper bound.
    public var charge: Double

    public init(rates: [Double], charge: Double) {
        self.rates = rates
        self.charge = charge
    }

    /// Σ h2 of the rates: Shannon's limit for reconciling the label bits one by one.
    public var shannonLimit: Double { rates.reduce(0) { $0 + binaryEntropy($1) } }
}

/// h2(p) in bits.
public func binaryEntropy(_ p: Double) -> Double {
    guard p > 0, p < 1 else { return 0 }
    return -(p * p.logarithm + (1 - p) * (1 - p).logarithm) / 2.0.logarithm
}
