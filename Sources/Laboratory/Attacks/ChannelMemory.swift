// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelModels
internal import Foundation
internal import QWaveCore
internal import Quantization
internal import Secrecy
internal import Statistics

/// Probing faster than the channel changes: many probes, few new bits.
struct ChannelMemory: Attack {
    let name = "channel-memory"
    let rows = [5]
    let models =
        "TGn channels at walking speed are probed 50, 100 and 200 times a second, far beyond their own rate; the "
        + "attacker knows the whole past."
    let criterion =
        "Information between the ends less the memory charge never exceeds I(A;B) of the simulated channel a minute, "
        + "at any rate; and something is credited."
    let control = "Each component is charged with its own past alone, at every probe."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let channels: [(TGn, Double)] = setting.pick(
            [(.d, 20)], [(.d, 20), (.b, 15)], [(.d, 20), (.b, 15), (.f, 20)])
        let rates = setting.pick([50.0, 200], [50, 100, 200], [50, 100, 200])
        var credited = 0.0
        for (place, channel) in channels.enumerated() {
            for (index, rate) in rates.enumerated() {
                let seconds = setting.pick(36.0, 36, 60)
                let parameters = SimulationParameters(
                    model: channel.0.model, snr: channel.1, speed: 1, probeRate: rate, duration: seconds,
                    seed: setting.seed(10 * place + index))
                let ceiling = Ceilings(parameters).bitsPerMinute
                let most = try credit(parameters, rate: rate, build)
                evidence.atMost(
                    "credited bit/min, TGn-\(channel.0.rawValue.uppercased()) \(Int(channel.1)) dB at \(Int(rate))/s",
                    most, ceiling)
                credited = max(credited, most / ceiling)
                setting.progress(
                    Double(place * rates.count + index + 1) / Double(rates.count * channels.count))
            }
        }
        evidence.atLeast("largest share of a ceiling that was credited", credited, 0.02)
        return evidence
    }

    /// Σ (I_k − c_k) a minute: the most over the strides tried.
    private func credit(_ parameters: SimulationParameters, rate: Double, _ build: AttackedBuild) throws
        -> Double
    {
        let simulator = try TwoSidedSimulator(parameters)
        let traces = try [simulator.trace(.alice), simulator.trace(.bob)]
        let features = try traces.map { trace in
            try FeatureExtractor(kind: .canonical, like: trace).features(
                of: trace, at: Array(0..<trace.count))
        }
        guard build == .product else {
            return ownPast(features, rate: rate)
        }
        var most = 0.0
        for stride in [1, 4 * Int(rate / 50)] {
            var options = Commissioning.Options()
            options.feature = .canonical
            options.rate = rate
            options.stride = stride
            options.maximumBits = 3
            let result = try Commissioning(options: options, charges: LenientCharges()).run(
                initiator: features[0], responder: features[1], published: .canonical,
                tones: parameters.tones, keyedPairs: 100_000_000)
            let perMinute = 60 * rate / Double(result.plan.stride * result.plan.timeBlock)
            most = max(
                most,
                result.plan.model.components.reduce(0) {
                    $0 + perMinute
                        * (MutualInformation.real(correlation: $1.correlation) - $1.memoryCharge)
                })
        }
        return most
    }

    /// The known-bad build: components by the covariance of one end, each charged with 16 steps of its own past.
    private func ownPast(_ features: [FeatureMatrix], rate: Double) -> Double {
        let columns = features[0].columns
        let rows = features[0].rows
        let joint = Matrix(rows: rows, columns: columns) { Double(features[0][$0, $1]) }
        guard let eigen = SymmetricEigen(joint.covariance) else { return 0 }
        let order = eigen.values.indices.sorted { eigen.values[$0] > eigen.values[$1] }.prefix(48)
        func project(_ matrix: FeatureMatrix, _ component: Int) -> [Double] {
            (0..<rows).map { row in
                (0..<columns).reduce(0) { $0 + Double(matrix[row, $1]) * eigen.vectors[$1, component] }
            }
        }
        return order.reduce(0) { sum, component in
            let x = project(features[0], component)
            let y = project(features[1], component)
            let errors = LevinsonDurbin(autocovariance: Series.autocovariance(x, maximumLag: 16)).errors
            let charge = 0.5 * log2(errors[0] / errors[errors.count - 1])
            let information = MutualInformation.real(correlation: Series.correlation(x, y))
            return sum + max(0, information - charge) * 60 * rate
        }
    }
}

/// Charges at two standard deviations, so that a short simulation isn't refused for its length alone: the criterion
/// must hold by the charges themselves, not by the width of their confidence bounds.
private struct LenientCharges: SelectionCharges {
    private let bound = ConfidenceBound(epsilon: 0.0228)

    func upperBound(_ correlation: Double, effectiveSamples: Double, parameters: Int, estimates: Int)
        -> Double?
    {
        bound.upper(min(correlation, 1 - 1e-12), samples: effectiveSamples, coefficients: parameters)
    }
    func lowerBound(_ correlation: Double, effectiveSamples: Double, estimates: Int) -> Double? {
        bound.lower(min(correlation, 1 - 1e-12), samples: effectiveSamples)
    }
    func quantile(estimates: Int) -> Double { bound.z }
    func errorLaw(
        labels: QuantizationPlan.Labels, bits: Int, helperBits: Int, correlation: Double, lowerBound: Double
    ) -> ErrorLaw {
        guard
            let pattern = ErrorPattern(
                bits: bits, helperBits: labels == .helper ? helperBits : 0, correlation: correlation)
        else { return ErrorLaw(rates: [Double](repeating: 0.5, count: bits), charge: Double(bits)) }
        return ErrorLaw(
            rates: pattern.bitErrorRates.map { min(max($0, 1e-6), 0.5) }, charge: pattern.componentCharge)
    }
    func eveCharge(measured: Double?) -> Double { 0 }
    func finiteSizePenalty(symbols: Double, bits: Int) -> Double { 0 }
}
