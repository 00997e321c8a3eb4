// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

extension SoundingBurst {
    /// The burst at `factor` times its sample rate, its symbols joined by transitions of 100 ns
    /// (IEEE 802.11-2020, 17.3.2.5), so that its spectrum stays inside the mask of a 20 MHz channel (17.3.9.3).
    ///
    /// Every `factor`-th sample is that of `samples` but for the two beside each symbol's border, which lie in the
    /// guard interval, where no receiver looks. A sender whose radio interpolates by itself takes `samples`.
    ///
    /// - Throws: `.usage` for a factor outside 2 to 16.
    public func shaped(oversampling factor: Int) throws(QWaveError) -> [IQ] {
        guard (2...16).contains(factor) else {
            throw QWaveError(.usage, "a burst is shaped at 2 to 16 times its rate, not \(factor)")
        }
        let preamble = Self.preamble
        let length = preamble.width.fftLength
        // Waveform of a field, its length, and where in the waveform it starts.
        typealias Field = (tones: [Int], values: [IQ], count: Int, guardLength: Int)
        var fields: [Field] = [
            (preamble.shortTones, preamble.shortValues, preamble.fieldLength, 0),
            (preamble.tones, preamble.values, preamble.fieldLength, length / 2),
        ]
        for values in symbolValues {
            fields.append((Self.tones, values, Self.symbolLength, Self.guardLength))
        }
        // 100 ns are two samples of 20 MHz.
        let ramp = 2 * factor
        let rise = (0..<ramp).map { place -> Float in
            let sine = Float(Phase.sine(.pi / 2 * (Double(place) + 0.5) / Double(ramp)))
            return sine * sine
        }
        var result = [IQ](repeating: .zero, count: Self.count * factor)
        var start = 0
        for field in fields {
            let period = ToneGrid.samples(
                tones: field.tones, values: field.values, fftLength: length * factor)
            let count = field.count * factor
            // Half a transition lies on either side of a border; the burst's own ends turn inwards.
            let first = start == 0 ? 0 : -ramp / 2
            let last = start + count == result.count ? count : count + ramp / 2
            for place in first..<last {
                let weight = min(
                    place - first < ramp ? rise[place - first] : 1,
                    last - 1 - place < ramp ? rise[last - 1 - place] : 1)
                let index = (place - field.guardLength * factor + period.count) % period.count
                result[start + place] = result[start + place] + period[index] * weight
            }
            start += count
        }
        return result
    }
}
