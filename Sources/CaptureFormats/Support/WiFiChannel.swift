// SPDX-License-Identifier: GPL-3.0-or-later

/// Center frequencies of Wi-Fi channels (IEEE 802.11-2020, 15.4.4.3 and 17.3.8.4.2).
enum WiFiChannel {
    /// In Hz; nil for a number that the band doesn't have.
    static func frequency(_ channel: Int, fiveGigahertz: Bool) -> Double? {
        if fiveGigahertz { return (1...200).contains(channel) ? 5e9 + 5e6 * Double(channel) : nil }
        if channel == 14 { return 2.484e9 }
        return (1...13).contains(channel) ? 2.407e9 + 5e6 * Double(channel) : nil
    }

    /// The channel of a center frequency in Hz, within 1 MHz.
    static func number(_ frequency: Double?) -> Int? {
        guard let frequency else { return nil }
        return (1...200).first { channel in
            Self.frequency(channel, fiveGigahertz: channel > 14).map { abs($0 - frequency) < 1e6 } ?? false
        }
    }
}
