// SPDX-License-Identifier: GPL-3.0-or-later

/// What a CSI line of an ESP32 says besides its gains, where the line has the field.
public struct ESP32Record: Sendable, Hashable {
    /// Signal strength in dBm.
    public var rssi: Int?
    /// Noise floor in dBm.
    public var noiseFloor: Int?
    /// Wi-Fi channel number.
    public var channel: Int?
    /// The card's microsecond clock at reception, low 32 bits.
    public var localTimestamp: Int?
    /// The length that the line declares. It need not be the number of values in the line: the chip counts
    /// training fields that the tool did not print.
    public var declaredLength: Int?
    /// Address of the sender.
    public var address: String?

    public init(
        rssi: Int? = nil, noiseFloor: Int? = nil, channel: Int? = nil, localTimestamp: Int? = nil,
        declaredLength: Int? = nil, address: String? = nil
    ) {
        self.rssi = rssi
        self.noiseFloor = noiseFloor
        self.channel = channel
        self.localTimestamp = localTimestamp
        self.declaredLength = declaredLength
        self.address = address
    }

    var fields: [String: CaptureField] {
        var fields: [String: CaptureField] = [:]
        fields["rssi"] = rssi.map { .integer($0) }
        fields["noiseFloor"] = noiseFloor.map { .integer($0) }
        fields["channel"] = channel.map { .integer($0) }
        fields["localTimestamp"] = localTimestamp.map { .integer($0) }
        fields["declaredLength"] = declaredLength.map { .integer($0) }
        fields["address"] = address.map { .text($0) }
        return fields
    }

    /// Tone indices of the 64 subcarriers of a legacy training field in the order of the line.
    public static let toneIndices = Array(0..<32) + Array(-32..<0)
}
