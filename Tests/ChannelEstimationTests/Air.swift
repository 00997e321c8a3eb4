// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport

/// What happens between two antennas, in double precision and apart from the code under test.
struct Air {
    /// Gains of paths at whole samples.
    var taps: [IQ] = [IQ(1, 0)]
    /// Further delay of all paths, in samples, as a band-limited shift of the whole waveform.
    var delay = 0.0
    /// Radians a sample; phase zero at the first sample of the recording.
    var offset = 0.0
    /// Power of the noise in one sample.
    var noise = 0.0

    /// Four paths of total power 1.
    static let fourTaps: [IQ] = {
        let taps = [IQ(0.9, 0), IQ(0, 0.3), IQ(-0.2, 0.1), IQ(0.05, 0)]
        let power = taps.reduce(0) { $0 + $1.power }
        return taps.map { $0 * (1 / power.squareRoot()) }
    }()

    /// Frequency response at a tone of a transform of `length`.
    func response(_ tone: Int, _ length: Int) -> (re: Double, im: Double) {
        var sum = (re: 0.0, im: 0.0)
        for (path, tap) in taps.enumerated() {
            let angle = -2 * Double.pi * Double(tone) * (Double(path) + delay) / Double(length)
            sum.re += Double(tap.re) * cos(angle) - Double(tap.im) * sin(angle)
            sum.im += Double(tap.re) * sin(angle) + Double(tap.im) * cos(angle)
        }
        return sum
    }

    /// Adds a waveform that was sent at sample `start`.
    func add(_ waveform: [IQ], at start: Int, to recording: inout [IQ]) {
        let shifted = delay == 0 ? waveform : Self.shifted(waveform, by: delay)
        for (path, tap) in taps.enumerated() {
            for (index, sample) in shifted.enumerated() {
                let place = start + path + index - (delay == 0 ? 0 : Self.margin)
                guard recording.indices.contains(place) else { continue }
                let angle = offset * Double(place)
                recording[place] =
                    recording[place] + sample * tap * IQ(Float(cos(angle)), Float(sin(angle)))
            }
        }
    }

    func addNoise(to recording: inout [IQ], seed: UInt64) {
        guard noise > 0 else { return }
        var random = SplitMix64(seed: seed)
        for index in recording.indices { recording[index] = recording[index] + Self.gaussian(noise, &random) }
    }

    static func silence(_ count: Int) -> [IQ] { [IQ](repeating: .zero, count: count) }

    /// One circular complex Gaussian of the given power (Box and Muller).
    static func gaussian(_ power: Double, _ random: inout SplitMix64) -> IQ {
        let radius = (-power * log(1 - Double.random(in: 0..<1, using: &random))).squareRoot()
        let angle = Double.random(in: 0..<(2 * .pi), using: &random)
        return IQ(Float(radius * cos(angle)), Float(radius * sin(angle)))
    }

    static let margin = 32

    /// A shift by a windowed sinc; the result starts `margin` samples early.
    static func shifted(_ waveform: [IQ], by delay: Double) -> [IQ] {
        (0..<waveform.count + 2 * margin).map { place in
            var sum = (re: 0.0, im: 0.0)
            let center = Double(place - margin) - delay
            for index in max(0, Int(center) - margin)..<min(waveform.count, Int(center) + margin + 1) {
                let x = center - Double(index)
                guard abs(x) < Double(margin) else { continue }
                let window = 0.5 + 0.5 * cos(.pi * x / Double(margin))
                let weight = (abs(x) < 1e-12 ? 1 : sin(.pi * x) / (.pi * x)) * window
                sum.re += weight * Double(waveform[index].re)
                sum.im += weight * Double(waveform[index].im)
            }
            return IQ(Float(sum.re), Float(sum.im))
        }
    }
}
