// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// One antenna of an end's receiver: what it makes of the air's response, drawn from the end's own seed.
struct Receiver: Sendable {
    /// What a reception brings besides the response.
    struct Reception {
        /// Its number at this end.
        var number: Int
        /// In seconds of true time.
        var time = 0.0
        /// Sender's oscillator less receiver's, in units of one device's largest error.
        var oscillatorError = 0.0
        /// R·T where there are filters.
        var filter: [Complex]?
        /// Amplitude of a jammer's noise.
        var jamming = 0.0
    }

    private let impairments: Impairments
    private let tones: [Int]
    private let fftLength: Double
    private let noiseAmplitude: Double
    private let sampleRate: Double
    private let noise: SubStream
    private let jammer: SubStream
    private let phase: SubStream
    private let timing: SubStream
    private let gainError: SubStream
    private let jitter: SubStream
    private let clock: (offset: Double, rate: Double)

    /// - Parameter antenna: an end's antennas share its oscillator, timing, gain and clock, not their noise.
    init(_ parameters: SimulationParameters, end: SimulatedEnd, tones: [Int], antenna: Int = 0) {
        impairments = parameters.impairments
        self.tones = tones
        fftLength = Double(parameters.bandwidth.fftLength)
        sampleRate = parameters.bandwidth.sampleRate
        noiseAmplitude = parameters.noiseVariance(end).squareRoot()
        let seed = parameters.seed(end)
        // The end's number keeps the processes apart even when all ends were given one seed.
        func stream(_ process: RandomProcess) -> SubStream {
            SubStream(seed: seed, process, index: end.index)
        }
        noise = SubStream(seed: seed, .noise, index: end.index + 4 * antenna)
        jammer = SubStream(seed: parameters.channelSeed, .jammingSignal, index: end.index)
        phase = stream(.phase)
        timing = stream(.timing)
        gainError = stream(.gainError)
        jitter = stream(.clockJitter)
        let draw = stream(.clock)
        clock = (
            impairments.clockOffset * draw.uniform(0),
            1 + impairments.clockDrift * 1e-6 * (2 * draw.uniform(1) - 1)
        )
    }

    /// What the end's clock shows at true time `time`, at its reception number `reception`.
    func stamp(_ time: Double, reception: Int) -> Double {
        var result = clock.offset + clock.rate * time
        if impairments.clockJitter > 0 { result += impairments.clockJitter * jitter.gaussian(reception) }
        return result
    }

    /// The estimate of `response` at a reception.
    func measure(_ response: [Complex], _ reception: Reception, into gains: inout [IQ]) {
        var result = response
        if let filter = reception.filter {
            for index in result.indices { result[index] = result[index] * filter[index] }
        }
        turn(&result, reception)
        let first = reception.number &* tones.count
        for index in result.indices {
            result[index] = result[index] + noise.complexGaussian(first &+ index) * noiseAmplitude
        }
        if reception.jamming > 0 {
            for index in result.indices {
                result[index] = result[index] + jammer.complexGaussian(first &+ index) * reception.jamming
            }
        }
        if let step = impairments.gainStep { control(&result, step: step, reception: reception.number) }
        if let bits = impairments.converterBits { convert(&result, bits: bits) }
        for value in result { gains.append(value.iq) }
    }

    /// Turns a capture by the receiver's phase and timing, and by what the oscillators' offsets have come to.
    private func turn(_ gains: inout [Complex], _ reception: Reception) {
        var turns = impairments.carrierPhase ? phase.uniform(reception.number) : 0
        var samples =
            impairments.timingOffset > 0
            ? impairments.timingOffset * (2 * timing.uniform(reception.number) - 1) : 0
        if impairments.carrierOffset > 0 {
            turns += impairments.carrierOffset * reception.oscillatorError * reception.time
        }
        if impairments.samplingOffset > 0 {
            let drift =
                impairments.samplingOffset * 1e-6 * sampleRate * reception.oscillatorError * reception.time
            samples += drift - drift.rounded()
        }
        guard turns != 0 || samples != 0 else { return }
        for (index, tone) in tones.enumerated() {
            gains[index] = gains[index] * Complex.turned(turns - Double(tone) * samples / fftLength)
        }
    }

    private func control(_ gains: inout [Complex], step: Double, reception: Int) {
        let power = gains.reduce(0) { $0 + $1.power } / Double(gains.count)
        guard power > 1e-30 else { return }
        let setting = (Portable.decibels(power) / step).rounded() * step
        let actual = 0.5 * gainError.gaussian(reception) - setting
        let factor = Portable.power(decibels: actual / 2)
        for index in gains.indices { gains[index] = gains[index] * factor }
    }

    private func convert(_ gains: inout [Complex], bits: Int) {
        let half = Double(1 << (bits - 1))
        func quantized(_ value: Double) -> Double {
            min(max((value * half / 4).rounded(), -half), half - 1) * 4 / half
        }
        for index in gains.indices {
            gains[index] = Complex(quantized(gains[index].re), quantized(gains[index].im))
        }
    }
}
