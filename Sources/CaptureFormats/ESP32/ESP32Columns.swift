// SPDX-License-Identifier: GPL-3.0-or-later

/// Where the fields of an ESP32 line stand.
struct ESP32Columns: Sendable {
    /// Columns in front of the array by name.
    private var index: [String: Int]
    /// How many fields stand in front of the array.
    let count: Int

    /// The order of the ESP32-CSI-Tool, used for lines without a header in front of them.
    static let standard = ESP32Columns(names: [
        "type", "role", "mac", "rssi", "rate", "sig_mode", "mcs", "bandwidth", "smoothing", "not_sounding",
        "aggregation", "stbc", "fec_coding", "sgi", "noise_floor", "ampdu_cnt", "channel",
        "secondary_channel", "local_timestamp", "ant", "sig_len", "rx_state", "real_time_set",
        "real_timestamp", "len", "CSI_DATA",
    ])

    /// - Parameter names: all of them, the array's last.
    init(names: [String]) {
        count = names.count - 1
        index = [:]
        for (position, name) in names.dropLast().enumerated() { index[name.lowercased()] = position }
    }

    /// The position of the first of `names` that is a column.
    func position(_ names: String...) -> Int? {
        for name in names {
            if let position = index[name] { return position }
        }
        return nil
    }
}
