// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
public import Quantization
internal import Statistics

extension CommissioningState {
    /// What a window says of its channel, and the plan that it leads to.
    public struct Summary: Sendable {
        /// Correlation between the ends over the plan's components, or over the strongest where there is no plan.
        public var correlation: Double
        /// Maximum Doppler shift in cycles a pair, where a spectrum was fitted, and the spectrum's name.
        public var dopplerPerPair: Double?
        public var spectrum: String?
        /// Components that are keyed, and their bits; none where nothing is worth keying.
        public var components: [QuantizationPlan.Component]
        /// Every how many pairs one is keyed.
        public var stride: Int
        /// Expected net bits of each keyed pair, after every charge; 0 where nothing is worth keying.
        public var expectedBitsPerPair: Double
        /// What stands against keying, in words.
        public var obstacle: String?
    }

    /// Commissions from the window as an exchange under `options` would that keys `keyedPairs` pairs.
    ///
    /// Throws as commissioning does. Seconds, where snapshots have many gains.
    public func summary(
        _ options: ExchangeOptions = ExchangeOptions(), keyedPairs: Int
    ) throws(QWaveError) -> Summary {
        let result = try SharedCommissioning.commission(
            .init(initiator: initiator, responder: responder, joints: joints), kind: kind.feature,
            tones: kind.tones, rate: rate, options: options, keyedPairs: keyedPairs)
        let (plan, findings) = (result.plan, result.findings)
        let isKeyed = !plan.components.isEmpty && findings.obstacle == nil
        return Summary(
            correlation: findings.alignment, dopplerPerPair: findings.dopplerPerPair,
            spectrum: findings.spectrum, components: isKeyed ? plan.components : [], stride: plan.stride,
            expectedBitsPerPair: isKeyed
                ? max(0, findings.expectedNetPerRow) / Double(plan.stride * plan.timeBlock) : 0,
            obstacle: findings.obstacle ?? (plan.components.isEmpty ? "no component is worth keying" : nil))
    }
}
