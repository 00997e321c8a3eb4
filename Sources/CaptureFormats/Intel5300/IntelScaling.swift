// SPDX-License-Identifier: GPL-3.0-or-later
#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The CSI Tool's scale (`get_scaled_csi`): gains in units of the noise, so that |gain|² is a signal-to-noise
/// ratio of one antenna pair and subcarrier.
extension IntelRecord {
    /// 10^(decibels / 10).
    static func linear(_ decibels: Double) -> Double { pow(10, decibels / 10) }

    static func decibels(_ linear: Double) -> Double { 10 * log10(linear) }

    /// What the raw gains must be multiplied with.
    ///
    /// - Parameter power: the sum of |gain|² over all raw gains of the record.
    ///
    /// Zero when all gains are zero, where the tool would give not-a-number.
    func scale(power: Double) -> Double {
        guard power > 0 else { return 0 }
        let ports = [rssi.a, rssi.b, rssi.c].filter { $0 != 0 }
        let magnitude = ports.reduce(0.0) { $0 + Self.linear(Double($1)) }
        // Signal strength in dBm is the ports' sum, less the reference of 44 dB and the receiver's gain.
        let signal = magnitude > 0 ? Self.linear(10 * log10(magnitude) - 44 - Double(agc)) : 0
        let perGain = signal / (power / Double(Self.subcarriers))
        let thermal = Self.linear(noise == -127 ? -92 : Double(noise))
        let quantization = perGain * Double(receiveAntennas) * Double(transmitAntennas)
        let scale = (perGain / (thermal + quantization)).squareRoot()
        switch transmitAntennas {
        case 2: return scale * 2.0.squareRoot()
        case 3: return scale * Self.linear(4.5).squareRoot()
        default: return scale
        }
    }
}
