// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import Quantization
import Statistics
import Synchronization
import TestSupport

/// Standard normal numbers from a seed (Box and Muller).
struct Gaussians {
    private var generator: SplitMix64
    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func next() -> Double {
        let u = Double.random(in: Double.leastNonzeroMagnitude..<1, using: &generator)
        let v = Double.random(in: 0..<1, using: &generator)
        return (-2 * log(u)).squareRoot() * cos(2 * Double.pi * v)
    }
    mutating func array(_ count: Int) -> [Double] { (0..<count).map { _ in next() } }
    /// y of correlation `rho` with each x.
    mutating func partner(of x: [Double], rho: Double) -> [Double] {
        x.map { rho * $0 + (1 - rho * rho).squareRoot() * next() }
    }
    /// x(n) = φ x(n − 1) + noise, unit variance.
    mutating func autoregression(_ count: Int, phi: Double) -> [Double] {
        var state = next()
        return (0..<count).map { _ in
            defer { state = phi * state + (1 - phi * phi).squareRoot() * next() }
            return state
        }
    }
}

/// A trace of complex gains, one antenna pair a path.
func gainTrace(
    _ snapshots: [[IQ]], tones: [Int], receive: Int = 1, quantity: ChannelTrace.Quantity = .complexGain
) -> ChannelTrace {
    var trace = ChannelTrace(
        description: ChannelTrace.Description(format: "test", quantity: quantity, toneIndices: tones))
    for (index, gains) in snapshots.enumerated() {
        trace.append(
            sequence: UInt64(index), time: Double(index) * 0.02,
            shape: SnapshotShape(
                receiveAntennas: receive, transmitAntennas: 1, subcarriers: gains.count / receive),
            gains: gains)
    }
    return trace
}

/// A simulated walk and what both ends' extractors make of it.
struct Walk {
    let parameters: SimulationParameters
    let initiator: FeatureMatrix
    let responder: FeatureMatrix

    init(
        _ model: TGn, snr: Double, rate: Double, seconds: Double, speed: Double = 1, seed: UInt64 = 1,
        bandwidth: Bandwidth = .mhz20, impairments: Impairments = .standard, kind: FeatureKind = .canonical
    ) throws {
        var parameters = SimulationParameters(
            model: model.model, bandwidth: bandwidth, snr: snr, speed: speed, probeRate: rate,
            duration: seconds, seed: seed)
        parameters.impairments = impairments
        self.parameters = parameters
        let simulator = try TwoSidedSimulator(parameters)
        let traces = [try simulator.trace(.alice), try simulator.trace(.bob)]
        let features = try traces.map { trace in
            try FeatureExtractor(kind: kind, like: trace).features(of: trace, at: Array(0..<trace.count))
        }
        (initiator, responder) = (features[0], features[1])
    }
}

/// Bounds and charges in the plainest form that Documentation/secrecy.md allows: Fisher's transform and a numeric error law.
final class PlainCharges: SelectionCharges {
    let z: Double?
    private let known = Mutex<[[Int]: ErrorLaw]>([:])

    /// - Parameter z: the quantile for every bound; nil takes that of 2⁻⁴⁰ over the number of estimates.
    init(z: Double? = nil) { self.z = z }

    private func quantile(_ estimates: Int) -> Double {
        z ?? Normal.upperQuantile(0x1p-40 / Double(estimates))
    }
    func quantile(estimates: Int) -> Double { quantile(estimates) }

    func upperBound(_ correlation: Double, effectiveSamples: Double, parameters: Int, estimates: Int)
        -> Double?
    {
        let degrees = effectiveSamples - 3 - Double(parameters)
        return degrees > 0 ? tanh(atanh(correlation) + quantile(estimates) / degrees.squareRoot()) : nil
    }
    func lowerBound(_ correlation: Double, effectiveSamples: Double, estimates: Int) -> Double? {
        let degrees = effectiveSamples - 3
        return degrees > 0 ? tanh(atanh(correlation) - quantile(estimates) / degrees.squareRoot()) : nil
    }
    func errorLaw(
        labels: QuantizationPlan.Labels, bits: Int, helperBits: Int, correlation: Double, lowerBound: Double
    ) -> ErrorLaw {
        // On a grid of ρ, so that many components share one law.
        let place = Int((correlation * 400).rounded())
        let key = [labels == .helper ? 1 : 0, bits, helperBits, place]
        if let law = known.withLock({ $0[key] }) { return law }
        let rho = min(Double(place) / 400, 0.9999)
        let rates =
            labels == .helper
            ? helperErrorRates(bits: bits, helperBits: helperBits, rho: rho)
            : plainErrorRates(bits: bits, rho: rho)
        let law = ErrorLaw(rates: rates, charge: 0.02 * Double(bits))
        known.withLock { $0[key] = law }
        return law
    }
    func eveCharge(measured: Double?) -> Double {
        let rho = max(measured ?? 0.4, 0.4)
        return -0.5 * log2(1 - rho * rho)
    }
    func finiteSizePenalty(symbols: Double, bits: Int) -> Double {
        log2(Double(1 << bits) + 3) * (2 * 40 * symbols).squareRoot()
    }
}

/// Disagreement of each label bit, most significant first, where `choose(j)` bounds the responder's cell j in y.
private func errorRates(bits: Int, rho: Double, cases: [(x: Double, symbol: Int, edges: [Double])])
    -> [Double]
{
    var rates = [Double](repeating: 0, count: bits)
    let spread = (1 - rho * rho).squareRoot()
    for (x, symbol, edges) in cases {
        var before = 0.0
        for decided in 0..<1 << bits {
            let upTo = decided == edges.count ? 1 : Normal.cumulative((edges[decided] - rho * x) / spread)
            let difference = (symbol ^ (symbol >> 1)) ^ (decided ^ (decided >> 1))
            for plane in 0..<bits where difference >> (bits - 1 - plane) & 1 == 1 {
                rates[plane] += upTo - before
            }
            before = upTo
        }
    }
    return rates.map { min(max($0 / Double(cases.count), 1e-6), 0.5) }
}

/// Hard nearest-candidate decisions on quantile helper data: the average over a fine grid of u.
func helperErrorRates(bits: Int, helperBits: Int, rho: Double, perCell: Int = 4) -> [Double] {
    let cells = 1 << bits
    let positions = 1 << helperBits
    var cases: [(x: Double, symbol: Int, edges: [Double])] = []
    for w in 0..<positions {
        let middle = (Double(w) + 0.5) / Double(positions)
        let candidates: [Double] = (0..<cells).map { Normal.quantile((Double($0) + middle) / Double(cells)) }
        let edges = zip(candidates, candidates.dropFirst()).map { rho * ($0 + $1) / 2 }
        for symbol in 0..<cells {
            for part in 0..<perCell {
                let place = (Double(w) + (Double(part) + 0.5) / Double(perCell)) / Double(positions)
                cases.append((Normal.quantile((Double(symbol) + place) / Double(cells)), symbol, edges))
            }
        }
    }
    return errorRates(bits: bits, rho: rho, cases: cases)
}

/// Equal cells without helper data.
func plainErrorRates(bits: Int, rho: Double) -> [Double] {
    let edges = (1..<1 << bits).map { Normal.quantile(Double($0) / Double(1 << bits)) }
    let parts = 64
    var cases: [(x: Double, symbol: Int, edges: [Double])] = []
    for place in 0..<parts << bits {
        let u = (Double(place) + 0.5) / Double(parts << bits)
        cases.append((Normal.quantile(u), place / parts, edges))
    }
    return errorRates(bits: bits, rho: rho, cases: cases)
}

/// The code that an expression throws, nil where it throws none.
func thrownCode(_ body: () throws -> Void) -> QWaveError.Code? {
    do {
        try body()
        return nil
    } catch let error as QWaveError {
        return error.code
    } catch { return QWaveError.Code("foreign") }
}
