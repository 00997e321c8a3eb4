// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore

/// Angles and turns in double precision.
enum Phase {
    static func angle(_ re: Double, _ im: Double) -> Double { atan2(im, re) }

    static func sine(_ angle: Double) -> Double { sin(angle) }

    static func turn(_ angle: Double) -> IQ { IQ(Float(cos(angle)), Float(sin(angle))) }

    /// Multiplies sample i by exp(j·step·(i − origin)).
    static func rotate(_ samples: inout [IQ], step: Double, origin: Double) {
        // A fresh start every 64 samples keeps rounding small.
        let turn = turn(step)
        for begin in stride(from: 0, to: samples.count, by: 64) {
            var phase = Phase.turn(step * (Double(begin) - origin))
            for index in begin..<min(begin + 64, samples.count) {
                samples[index] = samples[index] * phase
                phase = phase * turn
            }
        }
    }
}
