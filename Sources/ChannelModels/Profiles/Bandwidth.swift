// SPDX-License-Identifier: GPL-3.0-or-later

/// A Wi-Fi channel's width and its tone grid at 312.5 kHz.
public enum Bandwidth: Int, Sendable, Codable, CaseIterable {
    case mhz20 = 20
    case mhz40 = 40
    case mhz80 = 80
    case mhz160 = 160

    /// Subcarrier spacing in Hz.
    public static let subcarrierSpacing = 312_500.0

    /// Samples of an OFDM symbol's transform: 64 at 20 MHz.
    public var fftLength: Int { 64 * rawValue / 20 }

    /// Tones that carry energy, in ascending order: 52 at 20 MHz, without the center.
    public var toneIndices: [Int] {
        let (first, last) =
            switch self {
            case .mhz20: (1, 26)
            case .mhz40: (2, 58)
            case .mhz80: (2, 122)
            case .mhz160: (2, 250)
            }
        return Array(-last ... -first) + Array(first...last)
    }
}
