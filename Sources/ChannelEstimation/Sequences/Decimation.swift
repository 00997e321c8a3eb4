// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore

/// Samples at a lower rate.
enum Decimation {
    /// Every `factor`-th sample behind a low-pass filter of 16·factor taps (a windowed sinc), without delay; at
    /// most `most`.
    static func decimated(_ samples: [IQ], by factor: Int, most: Int) -> [IQ] {
        guard factor > 1 else { return Array(samples.prefix(most)) }
        let half = 8 * factor
        var taps = (-half...half).map { place -> Float in
            let x = Double(place) / Double(factor)
            let sinc = place == 0 ? 1 : sin(.pi * x) / (.pi * x)
            return Float(sinc * (0.5 + 0.5 * cos(.pi * Double(place) / Double(half + 1))))
        }
        let sum = taps.reduce(0, +)
        taps = taps.map { $0 / sum }
        let count = min(most, (samples.count + factor - 1) / factor)
        return (0..<count).map { index in
            var result = IQ.zero
            let center = index * factor
            for (place, tap) in taps.enumerated() {
                let at = center + place - half
                if at >= 0 && at < samples.count { result = result + samples[at] * tap }
            }
            return result
        }
    }
}
