// SPDX-License-Identifier: GPL-3.0-or-later

/// What one beamforming record (code 0xBB) of the Intel 5300 CSI Tool says besides its gains.
///
/// Record: 16-bit big-endian length, code, then 20 bytes of fields (little-endian), then the packed gains.
/// (D. Halperin et al., "Tool release: gathering 802.11n traces with channel state information", 2011.)
public struct IntelRecord: Sendable, Hashable {
    /// Low 32 bits of the card's microsecond clock at reception.
    public var timestampLow: UInt32
    /// The driver's count of beamforming measurements of this card.
    public var count: UInt16
    /// Reserved in the original driver, zero there; modified drivers put the probe's sequence number here.
    public var pairingNumber: UInt16
    public var receiveAntennas: UInt8
    public var transmitAntennas: UInt8
    /// Signal strength at the three antenna ports in dB above the internal reference; 0 is an unused port.
    public var rssi: (a: UInt8, b: UInt8, c: UInt8) {
        get { (UInt8(ports & 0xFF), UInt8(ports >> 8 & 0xFF), UInt8(ports >> 16 & 0xFF)) }
        set { ports = UInt32(newValue.a) | UInt32(newValue.b) << 8 | UInt32(newValue.c) << 16 }
    }
    private var ports: UInt32 = 0
    /// Noise floor in dBm; -127 when it was not measured.
    public var noise: Int8
    /// Receiver gain in dB.
    public var agc: UInt8
    /// Which radio chain feeds which antenna, two bits a chain.
    public var antennaSelection: UInt8
    /// The card's rate and flags word; bit 11 says 40 MHz.
    public var rate: UInt16

    public init(
        timestampLow: UInt32, count: UInt16, pairingNumber: UInt16, receiveAntennas: UInt8,
        transmitAntennas: UInt8, rssi: (a: UInt8, b: UInt8, c: UInt8), noise: Int8, agc: UInt8,
        antennaSelection: UInt8, rate: UInt16
    ) {
        self.timestampLow = timestampLow
        self.count = count
        self.pairingNumber = pairingNumber
        self.receiveAntennas = receiveAntennas
        self.transmitAntennas = transmitAntennas
        self.noise = noise
        self.agc = agc
        self.antennaSelection = antennaSelection
        self.rate = rate
        self.rssi = rssi
    }

    /// Antenna of each radio chain, counted from zero.
    public var permutation: [Int] { (0..<3).map { Int(antennaSelection >> (2 * UInt8($0)) & 3) } }

    /// True for a 40 MHz channel.
    public var isWide: Bool { rate & 0x800 != 0 }

    /// The receive antenna of each recorded chain.
    ///
    /// As in the tool's own reader, the permutation counts only where it names all three antennas once;
    /// with fewer antennas present the order of the record stands.
    var antennaOfChain: [Int] {
        let order = permutation
        return receiveAntennas == 3 && order.sorted() == [0, 1, 2] ? order : Array(0..<Int(receiveAntennas))
    }

    /// Tone indices of the 30 reported subcarriers (IEEE 802.11n-2009, table 7-25f, grouping 2 and 4).
    public static func toneIndices(wide: Bool) -> [Int] {
        wide
            ? Array(stride(from: -58, through: -2, by: 4)) + Array(stride(from: 2, through: 58, by: 4))
            : Array(stride(from: -28, through: -2, by: 2)) + [-1] + Array(stride(from: 1, through: 27, by: 2))
                + [28]
    }

    static let subcarriers = 30

    /// Bytes of packed gains: 3 bits of padding before each subcarrier, two signed bytes a gain.
    static func payloadLength(receive: Int, transmit: Int) -> Int {
        (subcarriers * (receive * transmit * 16 + 3) + 7) / 8
    }
}
