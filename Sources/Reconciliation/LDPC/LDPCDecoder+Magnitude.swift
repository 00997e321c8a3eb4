// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

extension LDPCDecoder {
    /// The log-likelihood ratio of a hard bit, 1 to 100 in a code's unit: ln((1 - e) / e).
    ///
    /// Rounded to the nearest in units of 1/3 nat, and down in units of 1/4 nat: there the columns of high degree
    /// are near saturation, and too much trust makes frames diverge.
    ///
    /// - Parameter errorRate: more than 0, less than 0.5; others are taken for the nearest that makes sense.
    public static func magnitude(errorRate: Double, unit: Int) -> Int8 {
        let rate = errorRate > 1e-14 ? min(errorRate, 0.5) : 1e-14
        let ratio = Double(unit) * log((1 - rate) / rate)
        return Int8(min(100, max(1, ratio.rounded(unit == 4 ? .down : .toNearestOrAwayFromZero))))
    }
}
