// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The true channel of a simulation as a function of time: what the air does, before anybody measures it.
///
/// Deterministic in its parameters and channel seed; any instant can be asked for in any order. Mean power
/// over the ensemble is 1.
public struct FadingChannel: Sendable {
    let profile: ChannelModel
    let bank: SinusoidBank
    /// √P of each tap's diffuse part.
    let amplitudes: [Double]
    /// Amplitude of the line of sight, its Doppler shift in Hz and its phase in turns.
    let lineOfSight: (amplitude: Double, shift: Double, phase: Double)

    init(_ parameters: SimulationParameters) {
        self.init(parameters, process: .fading, lineProcess: .lineOfSight)
    }

    /// A channel like the main one, of the same statistics, from another random process.
    ///
    /// - Parameter number: tells apart several channels of one process.
    init(
        _ parameters: SimulationParameters, process: RandomProcess, lineProcess: RandomProcess,
        number: Int = 0
    ) {
        profile = parameters.model
        bank = SinusoidBank(
            taps: profile.taps.count, sinusoids: parameters.sinusoids, spectrum: parameters.spectrum,
            maximumDoppler: parameters.maximumDoppler, seed: parameters.channelSeed, process: process,
            // No model has more taps than this.
            firstIndex: 4096 * number)
        let k = parameters.linearRiceFactor
        amplitudes = profile.taps.map { ($0.power / (1 + k)).squareRoot() }
        lineOfSight = (
            (k / (1 + k)).squareRoot(), parameters.lineOfSightDoppler,
            SubStream(seed: parameters.channelSeed, lineProcess, index: number).uniform(0)
        )
    }

    /// The diffuse part of each tap, unit power each.
    func fading(at time: Double) -> [Complex] { (0..<bank.taps).map { bank.gain(tap: $0, at: time) } }

    /// Tap gains from unit-power fading: scaled to the profile, with the line of sight on the first tap.
    ///
    /// - Parameter clearance: what gets through of the line of sight's amplitude.
    func taps(from fading: [Complex], at time: Double, clearance: Double = 1) -> [Complex] {
        var result = fading
        for index in result.indices { result[index] = fading[index] * amplitudes[index] }
        if lineOfSight.amplitude > 0 {
            let line = Complex.turned(lineOfSight.shift * time + lineOfSight.phase)
            result[0] = result[0] + line * (lineOfSight.amplitude * clearance)
        }
        return result
    }

    func taps(at time: Double) -> [Complex] { taps(from: fading(at: time), at: time) }

    /// The gain of each tap at `time` seconds, in the order of the model's taps.
    public func tapGains(at time: Double) -> [IQ] { taps(at: time).map(\.iq) }

    /// The gain of each of `tones` (multiples of `spacing` Hz from the center) at `time` seconds.
    public func response(
        at time: Double, tones: [Int], spacing: Double = Bandwidth.subcarrierSpacing
    ) -> [IQ] {
        ToneMatrix(profile, tones: tones, spacing: spacing).response(to: taps(at: time)).map(\.iq)
    }
}

/// The taps' delays as phases on the tones: exp(−j2πf_kτ_l), tap after tap.
struct ToneMatrix: Sendable {
    let toneCount: Int
    private let phases: [Complex]

    init(_ profile: ChannelModel, tones: [Int], spacing: Double) {
        toneCount = tones.count
        phases = profile.taps.flatMap { tap in
            tones.map { Complex.turned(-Double($0) * spacing * tap.delay * 1e-9) }
        }
    }

    func response(to taps: [Complex]) -> [Complex] {
        var result = [Complex](repeating: .zero, count: toneCount)
        var output = result.mutableSpan
        let phases = phases.span
        for (index, gain) in taps.enumerated() {
            let base = index &* toneCount
            for k in 0..<toneCount { output[k] = output[k] + gain * phases[base &+ k] }
        }
        return result
    }
}
