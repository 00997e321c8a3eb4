// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

extension NexmonFrame.Packing {
    /// The gains of one frame as whole numbers.
    ///
    /// Packed floats share a scale within the frame that makes the largest part 10 bits long, as the
    /// extractor's own reader does (`unpack_float.c`); amplitudes of different frames are therefore not
    /// comparable for these chips.
    func unpack(_ source: ByteSource, at start: Int, count: Int, into gains: inout [IQ]) {
        gains.removeAll(keepingCapacity: true)
        switch self {
        case .int16:
            for index in 0..<count {
                let re = Int16(bitPattern: source.u16(start &+ 4 &* index))
                let im = Int16(bitPattern: source.u16(start &+ 4 &* index &+ 2))
                gains.append(IQ(Float(re), Float(im)))
            }
        case .float(let mantissaBits, let exponentBits):
            let words = (0..<count).map { source.u32(start + 4 * $0) }
            let numbers = words.map { PackedGain($0, mantissaBits: mantissaBits, exponentBits: exponentBits) }
            // Position of the highest bit of any part, counted from the binary point.
            let highest = numbers.compactMap(\.highestBit).max() ?? -(1 << (exponentBits - 1))
            for number in numbers {
                let shift = number.exponent + 10 - highest
                gains.append(
                    IQ(
                        Self.shifted(number.re, by: shift, mantissaBits: mantissaBits),
                        Self.shifted(number.im, by: shift, mantissaBits: mantissaBits)))
            }
        }
    }

    /// A magnitude moved by `shift` binary places, cut off toward zero, with its sign.
    private static func shifted(_ part: (negative: Bool, magnitude: UInt32), by shift: Int, mantissaBits: Int)
        -> Float
    {
        let moved = shift < -mantissaBits ? 0 : UInt64(part.magnitude) << shift
        return part.negative && moved != 0 ? -Float(moved) : Float(moved)
    }
}

/// Two mantissas with sign and a common two's complement exponent, from the highest bit down:
/// sign and magnitude of the real part, the same of the imaginary part, exponent.
private struct PackedGain {
    let re: (negative: Bool, magnitude: UInt32)
    let im: (negative: Bool, magnitude: UInt32)
    let exponent: Int

    init(_ word: UInt32, mantissaBits: Int, exponentBits: Int) {
        let magnitude = UInt32(1) << UInt32(mantissaBits - 1) - 1
        func part(_ shift: Int) -> (negative: Bool, magnitude: UInt32) {
            (word >> UInt32(shift + mantissaBits - 1) & 1 == 1, word >> UInt32(shift) & magnitude)
        }
        re = part(exponentBits + mantissaBits)
        im = part(exponentBits)
        let raw = Int(word & (UInt32(1) << UInt32(exponentBits) - 1))
        exponent = raw >= 1 << (exponentBits - 1) ? raw - 1 << exponentBits : raw
    }

    /// Nil when both parts are zero.
    var highestBit: Int? {
        let both = re.magnitude | im.magnitude
        return both == 0 ? nil : exponent + 31 - both.leadingZeroBitCount
    }
}
