// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Writer of Intel 5300 CSI Tool logs.
public enum IntelWriter {
    /// A receiver gain and reference as the card would report them at full scale around -30 dBm.
    private static let agc = 30
    private static let fullScalePower = -30.0

    /// The log of a trace of up to 3 x 3 antennas that has the card's 30 tones.
    ///
    /// The sequence goes into the pairing number (bytes 6 and 7), its low 16 bits; the time into the low 32
    /// bits of the microsecond clock. The reported signal strength agrees with the raw gains to 1 dB, so the
    /// scaled gains do too.
    /// - Parameter scale: see ``CaptureWriter/Options/scale``.
    public static func encode(_ trace: ChannelTrace, scale: Double? = nil) throws(QWaveError) -> [UInt8] {
        let known = trace.description.toneIndices
        let wide = known.contains { abs($0) > 28 }
        let grid = try IntegerGrid(
            trace, format: .intel5300, tones: IntelRecord.toneIndices(wide: wide), fullScale: 127,
            scale: scale,
            allowsGaps: false)
        var out: [UInt8] = []
        for index in 0..<trace.count {
            let shape = trace.shape(at: index)
            guard (1...3).contains(shape.receiveAntennas), (1...3).contains(shape.transmitAntennas) else {
                throw QWaveError(
                    .usage,
                    "snapshot \(index) has \(shape.receiveAntennas) x \(shape.transmitAntennas) antennas; "
                        + "an Intel 5300 has up to 3 x 3")
            }
            out += record(trace, index, shape, grid, wide: wide)
        }
        return out
    }

    private static func record(
        _ trace: ChannelTrace, _ index: Int, _ shape: SnapshotShape, _ grid: IntegerGrid, wide: Bool
    ) -> [UInt8] {
        let receive = shape.receiveAntennas
        let transmit = shape.transmitAntennas
        let pairs = (0..<receive * transmit).map {
            grid.numbers(trace.gains(at: index), pair: $0, subcarriers: shape.subcarriers)
        }
        var power = 0.0
        for pair in pairs {
            for number in pair { power += Double(number.re * number.re + number.im * number.im) }
        }
        let payload = pack(pairs)
        var body = LittleEndianBytes()
        body.write(UInt32(truncatingIfNeeded: microseconds(trace, index)))
        body.write(UInt16(truncatingIfNeeded: index))
        body.write(UInt16(truncatingIfNeeded: trace.sequence(at: index) ?? 0))
        body.write(UInt8(receive))
        body.write(UInt8(transmit))
        body.write([signalStrength(power), 0, 0])
        body.write(Int8(-127))
        body.write(UInt8(agc))
        body.write(UInt8(0b100100))  // chain k feeds antenna k
        body.write(UInt16(payload.count))
        body.write(UInt16(wide ? 0x0901 : 0x0101))
        body.write(payload)
        let length = body.bytes.count + 1
        return [UInt8(length >> 8), UInt8(length & 0xFF), IntelDecoder.code] + body.bytes
    }

    /// The strength that makes the tool's scale the same for every packet, but for its resolution of 1 dB.
    private static func signalStrength(_ power: Double) -> UInt8 {
        guard power > 0 else { return 1 }
        let relative = power / Double(IntelRecord.subcarriers) / (127 * 127)
        return UInt8(
            max(1, min(255, (IntelRecord.decibels(relative) + fullScalePower + 44 + Double(agc)).rounded())))
    }

    /// Three bits of padding before each subcarrier, then real and imaginary bytes, the stream running
    /// fastest.
    private static func pack(_ pairs: [[(re: Int, im: Int)]]) -> [UInt8] {
        var bits = (0, 0)  // what is not yet a byte, and how many bits that is
        var bytes: [UInt8] = []
        func put(_ value: Int, _ count: Int) {
            bits.0 |= (value & (1 << count - 1)) << bits.1
            bits.1 += count
            while bits.1 >= 8 {
                bytes.append(UInt8(bits.0 & 0xFF))
                bits = (bits.0 >> 8, bits.1 - 8)
            }
        }
        for tone in 0..<IntelRecord.subcarriers {
            put(0, 3)
            for pair in pairs {
                put(pair[tone].re, 8)
                put(pair[tone].im, 8)
            }
        }
        if bits.1 > 0 { bytes.append(UInt8(bits.0 & 0xFF)) }
        return bytes
    }
}
