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
    /// z: the standard normal exceeds it with the probability that one of so many bounds may be wrong.
    func quantile(estimates: Int) -> Double
    /// The disagreement law of one symbol, worst over the interval of ρ.
    func errorLaw(
        labels: QuantizationPlan.Labels, bits: Int, helperBits: Int, correlation: Double, lowerBound: Double
    ) -> ErrorLaw
    /// Eve's charge in bits for each real component, given the upper bound of her measured correlation, if any; never
    /// less than the threat model demands in spite of a measurement.
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
    /// What the responder's sample leaves of each label bit, in bits, most significant first, once the more
    /// significant ones are known: H(bit | y, w, bits before it).
    public var softEntropies: [Double]

    /// - Parameter softEntropies: h2 of the rates unless given, which is right for hard decisions.
    public init(rates: [Double], charge: Double, softEntropies: [Double]? = nil) {
        self.rates = rates
        self.charge = charge
        self.softEntropies = softEntropies ?? rates.map(binaryEntropy)
    }

    /// Σ h2 of the rates: Shannon's limit for reconciling the label bits one by one.
    public var shannonLimit: Double { rates.reduce(0) { $0 + binaryEntropy($1) } }
}

/// What reconciliation is expected to cost, for the choice of components and bits.
public enum ReconciliationPrice: Sendable, Hashable {
    /// Hard bits: so many times Shannon's limit, and the charge for the whole error pattern.
    case hard(efficiency: Double)
    /// Log-likelihoods: what they leave, H bits of each label bit, and `excess` √H, everything included; the error
    /// pattern isn't told. Measured at both lengths, from H = 0.08 to 0.6 (Documentation/reconciliation.md).
    case soft(excess: Double)

    /// What the usual engine's codes cost where so many pairs are keyed, of which every second to fourth is: long codes
    /// serve from several thousand bits on, ten components' label bits together.
    public static func soft(keyedPairs: Int) -> ReconciliationPrice {
        .soft(excess: keyedPairs < 8192 ? 0.075 : 0.045)
    }

    /// Bits for one symbol.
    public func bits(_ law: ErrorLaw) -> Double {
        switch self {
        case .hard(let efficiency): efficiency * law.shannonLimit + law.charge
        case .soft(let excess):
            // Label bits are decoded one after the other, and none costs more than itself.
            law.softEntropies.reduce(0) { $0 + min(1, $1 + excess * max(0, $1).squareRoot() + Self.least) }
        }
    }

    /// What a bit of next to no entropy still costs: hashes, and the least step of a syndrome.
    private static let least = 0.002

    /// Bits of a symbol beyond the information between the ends that may still be worth their errors.
    var spareBits: Double {
        switch self {
        case .hard: 1.5
        case .soft: 2.5
        }
    }
}

/// h2(p) in bits.
public func binaryEntropy(_ p: Double) -> Double {
    guard p > 0, p < 1 else { return 0 }
    return -(p * p.logarithm + (1 - p) * (1 - p).logarithm) / 2.0.logarithm
}
