// SPDX-License-Identifier: GPL-3.0-or-later

/// What the signal field of an HT or VHT frame says of its training field (IEEE 802.11-2020, 19.3.9.4.3 and
/// 21.3.8.3.3): without it the streams of a frame, and so its gains, can't be told.
public struct SignalField: Sendable, Hashable {
    public let format: TrainingField.Format
    /// Of the frame in MHz: 20 or 40, in VHT also 80 or 160.
    public let width: Int
    /// Space-time streams that the training field trains. In VHT the sum over all users.
    public let streams: Int
    /// Modulation and coding: in HT 0 to 76, in VHT 0 to 9, and nil for several users.
    public let scheme: Int?

    /// Bits of the field before its check: both symbols hold 48 with check and tail.
    static let informationBits = 34
    static let codedBits = 96

    /// - Parameter bits: the 48 bits of both symbols in the order of sending.
    /// - Returns: nil when the check fails or a value is one that the standard reserves.
    init?(_ format: TrainingField.Format, bits: [Bool]) {
        guard bits.count == Self.codedBits / 2,
            Self.check(bits[..<Self.informationBits])
                == Array(bits[Self.informationBits..<Self.informationBits + 8])
        else { return nil }
        /// Lowest bit first.
        func number(_ first: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) { $0 | (bits[first + $1] ? 1 << $1 : 0) }
        }
        self.format = format
        switch format {
        case .ht:
            let scheme = number(0, 7)
            guard let spatial = Self.spatialStreams(scheme) else { return nil }
            let total = spatial + number(28, 2)
            guard total <= 4 else { return nil }
            width = bits[7] ? 40 : 20
            streams = total
            self.scheme = scheme
        case .vht:
            width = 20 << number(0, 2)
            // Groups 0 and 63 are for a single user; else there are four numbers of streams.
            let group = number(4, 6)
            if group == 0 || group == 63 {
                let scheme = number(28, 4)
                guard scheme <= 9 else { return nil }
                streams = number(10, 3) + 1
                self.scheme = scheme
            } else {
                streams = (0..<4).reduce(0) { $0 + number(10 + 3 * $1, 3) }
                guard (1...8).contains(streams) else { return nil }
                scheme = nil
            }
        }
    }

    /// Spatial streams of an HT modulation and coding scheme (tables 19-27 to 19-41).
    private static func spatialStreams(_ scheme: Int) -> Int? {
        switch scheme {
        case 0...31: scheme / 8 + 1
        case 32: 1
        case 33...38: 2
        case 39...52: 3
        case 53...76: 4
        default: nil
        }
    }

    /// CRC-8 of x⁸+x²+x+1 from all ones, inverted, highest first (19.3.9.4.4).
    private static func check(_ bits: ArraySlice<Bool>) -> [Bool] {
        var register: UInt8 = 0xFF
        for bit in bits {
            let feedback = (register & 0x80 != 0) != bit
            register = register << 1 ^ (feedback ? 0x07 : 0)
        }
        return (0..<8).map { ~register >> (7 - $0) & 1 == 1 }
    }
}
