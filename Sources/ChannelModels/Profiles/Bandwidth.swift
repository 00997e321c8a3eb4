// SPDX-License-Identifier: GPL-3.0-or-later

/// A channel's width and its tone grid: Wi-Fi's at 312.5 kHz, or that of a reference signal of 5G NR.
public enum Bandwidth: Int, Sendable, Codable, CaseIterable {
    case mhz20 = 20
    case mhz40 = 40
    case mhz80 = 80
    case mhz160 = 160
    /// 306 tones, every fourth of 30 kHz, over 36.7 MHz.
    case nr = 37

    /// Wi-Fi's subcarrier spacing in Hz.
    public static let subcarrierSpacing = 312_500.0

    /// Subcarrier spacing in Hz.
    public var spacing: Double { self == .nr ? 30_000 : Self.subcarrierSpacing }

    /// Samples of an OFDM symbol's transform: 64 at 20 MHz.
    public var fftLength: Int { self == .nr ? 2048 : 64 * rawValue / 20 }

    /// Samples a second of the receiver.
    public var sampleRate: Double { spacing * Double(fftLength) }

    /// Tones that carry energy, in ascending order: 52 at 20 MHz, without the center.
    public var toneIndices: [Int] {
        let (first, last) =
            switch self {
            case .mhz20: (1, 26)
            case .mhz40: (2, 58)
            case .mhz80: (2, 122)
            case .mhz160: (2, 250)
            case .nr: (0, 0)
            }
        if self == .nr { return Array(stride(from: -612, through: 608, by: 4)) }
        return Array(-last ... -first) + Array(first...last)
    }

    /// A bandwidth by its name: `20`, `40`, `80`, `160` or `nr`; nil for any other.
    public init?(named name: String) {
        if name.lowercased() == "nr" {
            self = .nr
        } else if let number = Int(name), let found = Bandwidth(rawValue: number), found != .nr {
            self = found
        } else {
            return nil
        }
    }

    /// What it is called in texts: `20 MHz`.
    public var title: String { self == .nr ? "NR, 36.7 MHz" : "\(rawValue) MHz" }
}
