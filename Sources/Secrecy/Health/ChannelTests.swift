// SPDX-License-Identifier: GPL-3.0-or-later

/// The static-channel test: a frozen channel makes no key.
public enum StaticChannelTest {
    /// The diffuse power must reach this multiple of the noise variance.
    public static let lowestPowerRatio = 2.0
    /// R² of the components on the previous blocks must not exceed this.
    public static let highestPredictability = 0.95

    /// - Parameters:
    ///   - diffusePower: A–B cross-covariance summed over the selected components, detrended, unquantized, on
    ///     sacrificed snapshots.
    ///   - noiseVariance: of the same components.
    ///   - predictability: R² of the decorrelated components on the previous blocks.
    public static func run(diffusePower: Double, noiseVariance: Double, predictability: Double)
        -> [HealthResult]
    {
        let floor = noiseVariance >= 0 ? lowestPowerRatio * noiseVariance : .nan
        return [
            HealthResult(
                name: "static channel: diffuse power", passed: diffusePower >= floor && diffusePower > 0,
                threshold: floor, localValue: diffusePower),
            HealthResult(
                name: "static channel: predictability",
                passed: predictability >= 0 && predictability <= highestPredictability,
                threshold: highestPredictability, localValue: predictability),
        ]
    }
}

/// The variance floor: a component that hardly rises above its noise is switched off.
public enum VarianceFloorTest {
    /// A component's variance must reach this multiple of the noise variance.
    public static let lowestRatio = 2.0

    public static func run(variance: Double, noiseVariance: Double, component: String) -> HealthResult {
        let floor = noiseVariance >= 0 ? lowestRatio * noiseVariance : .nan
        return HealthResult(
            name: "variance floor \(component)", passed: variance >= floor && variance > 0, threshold: floor,
            localValue: variance)
    }
}
