// SPDX-License-Identifier: GPL-3.0-or-later

/// The width of a Wi-Fi channel in MHz; the numerology follows from it (IEEE 802.11-2020, 17.3, 19.3, 21.3).
public enum ChannelWidth: Int, Sendable, CaseIterable, Codable {
    case mhz20 = 20
    case mhz40 = 40
    case mhz80 = 80

    /// 20 MHz channels in it.
    public var parts: Int { rawValue / 20 }
    /// Tones of a symbol: 64 for each 20 MHz.
    public var fftLength: Int { 64 * parts }
    /// Samples per second, one a tone spacing of 312.5 kHz and tone.
    public var sampleRate: Double { Double(rawValue) * 1e6 }

    /// The rotation of a tone that keeps the peaks of the repeated preamble low (21.3.7.5).
    func rotation(of tone: Int) -> (re: Int, im: Int) {
        switch self {
        case .mhz20: (1, 0)
        case .mhz40: tone < 0 ? (1, 0) : (0, 1)
        case .mhz80: tone < -64 ? (1, 0) : (-1, 0)
        }
    }
}
