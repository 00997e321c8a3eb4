// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// One end's receiver: what it makes of the air's response, drawn from the end's own seed.
struct Receiver: Sendable {
    private let impairments: Impairments
    private let tones: [Int]
    private let fftLength: Double
    private let noiseAmplitude: Double
    private let noise: SubStream
    private let phase: SubStream
    private let timing: SubStream
    private let gainError: SubStream
    private let jitter: SubStream
    private let clock: (offset: Double, rate: Double)

    init(_ parameters: SimulationParameters, end: SimulatedEnd, tones: [Int]) {
        impairments = parameters.impairments
        self.tones = tones
        fftLength = Double(parameters.bandwidth.fftLength)
        noiseAmplitude = parameters.noiseVariance(end).squareRoot()
        let seed = parameters.seed(end)
        // The end's number keeps the processes apart even when all ends were given one seed.
        func stream(_ process: RandomProcess) -> SubStream {
            SubStream(seed: seed, process, index: end.index)
        }
        noise = stream(.noise)
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

    /// The estimate of `response` (times `filter` where given) at reception number `reception`.
    func measure(_ response: [Complex], filter: [Complex]?, reception: Int, into gains: inout [IQ]) {
        var result = response
        if let filter {
            for index in result.indices { result[index] = result[index] * filter[index] }
        }
        if impairments.carrierPhase || impairments.timingOffset > 0 {
            let turns = impairments.carrierPhase ? phase.uniform(reception) : 0
            let samples = impairments.timingOffset * (2 * timing.uniform(reception) - 1)
            for (index, tone) in tones.enumerated() {
                let error = Complex.turned(turns - Double(tone) * samples / fftLength)
                result[index] = result[index] * error
            }
        }
        let first = reception &* tones.count
        for index in result.indices {
            result[index] = result[index] + noise.complexGaussian(first &+ index) * noiseAmplitude
        }
        if let step = impairments.gainStep { control(&result, step: step, reception: reception) }
        if let bits = impairments.converterBits { convert(&result, bits: bits) }
        for value in result { gains.append(value.iq) }
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
