// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

extension LDPCDecoder {
    /// The log-likelihood ratio of a hard bit, 1 to 100 in a code's unit: ln((1 - e) / e), rounded.
    ///
    /// - Parameter errorRate: more than 0, less than 0.5; others are taken for the nearest that makes sense.
    public static func magnitude(errorRate: Double, unit: Int) -> Int8 {
        let rate = errorRate > 1e-14 ? min(errorRate, 0.5) : 1e-14
        return Int8(min(100, max(1, (Double(unit) * log((1 - rate) / rate)).rounded())))
    }
}
