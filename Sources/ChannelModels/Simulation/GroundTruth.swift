// SPDX-License-Identifier: GPL-3.0-or-later

/// What is true of a simulated run: for judging a pipeline's result, never for making it.
public struct GroundTruth: Sendable, Codable, Hashable {
    /// A correlation coefficient; `im` is zero under isotropic scattering.
    public struct Correlation: Sendable, Codable, Hashable {
        public var re: Double
        public var im: Double
        /// |ρ|.
        public var magnitude: Double { (re * re + im * im).squareRoot() }
    }

    /// Always true: every output that follows from this run must say so.
    public var simulated = true
    public var parameters: SimulationParameters
    /// f_d in Hz.
    public var maximumDoppler: Double
    /// Line of sight over diffuse power, linear.
    public var riceFactor: Double
    /// Noise variance in one gain, relative to a mean channel power of 1.
    public var aliceNoiseVariance: Double
    public var bobNoiseVariance: Double
    public var eveNoiseVariance: Double
    /// Correlation of the diffuse channel over one turnaround.
    public var turnaroundCorrelation: Double
    /// ρ_E: correlation of the diffuse part of what Eve's first antenna hears of Alice's probe with Bob's channel.
    public var eveCorrelation: Correlation
    /// The same for what she hears of Bob's probe, with Alice's channel.
    public var eveCorrelationOfBob: Correlation
    /// Delay spread in nanoseconds.
    public var delaySpread: Double

    init(_ parameters: SimulationParameters, eve: (ofAlice: Complex, ofBob: Complex)) {
        self.parameters = parameters
        maximumDoppler = parameters.maximumDoppler
        riceFactor = parameters.linearRiceFactor
        aliceNoiseVariance = parameters.noiseVariance(.alice)
        bobNoiseVariance = parameters.noiseVariance(.bob)
        eveNoiseVariance = parameters.noiseVariance(.eve)
        turnaroundCorrelation = parameters.spectrum.autocorrelation(
            maximumDoppler: parameters.maximumDoppler, lag: parameters.turnaround)
        eveCorrelation = Correlation(re: eve.ofAlice.re, im: eve.ofAlice.im)
        eveCorrelationOfBob = Correlation(re: eve.ofBob.re, im: eve.ofBob.im)
        delaySpread = parameters.model.delaySpread
    }
}
