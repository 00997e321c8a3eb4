// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// How the samples of an IQ recording are written. Such files have no magic number: the user names the format.
public enum IQFormat: String, Sendable, Codable, CaseIterable {
    /// 16-bit signed integers, little-endian, in-phase first (USRP).
    case sc16
    /// 32-bit floats, little-endian, in-phase first (GNU Radio).
    case fc32
    /// 8-bit unsigned integers around 127.5, in-phase first (RTL-SDR).
    case cu8

    public var bytesPerSample: Int {
        switch self {
        case .sc16: 4
        case .fc32: 8
        case .cu8: 2
        }
    }

    /// The samples in `bytes`, in the unit of the recording (`cu8` less 127.5).
    ///
    /// - Parameters:
    ///   - name: names the file in errors.
    ///   - base: offset of `bytes` in the file, for errors.
    /// - Throws: `.badInput` when the last sample is cut off or one is not finite.
    public func decode(_ bytes: [UInt8], name: String, base: Int = 0) throws(QWaveError) -> [IQ] {
        let source = ByteSource(bytes, name: name)
        let rest = bytes.count % bytesPerSample
        guard rest == 0 else {
            throw source.error(
                at: base + bytes.count - rest,
                "\(rest) bytes of a sample of \(bytesPerSample): the file is cut off, or not \(rawValue)")
        }
        var samples: [IQ] = []
        samples.reserveCapacity(bytes.count / bytesPerSample)
        for offset in stride(from: 0, to: bytes.count, by: bytesPerSample) {
            let sample =
                switch self {
                case .sc16:
                    IQ(
                        Float(Int16(bitPattern: source.u16(offset))),
                        Float(Int16(bitPattern: source.u16(offset &+ 2))))
                case .fc32:
                    IQ(Float(bitPattern: source.u32(offset)), Float(bitPattern: source.u32(offset &+ 4)))
                case .cu8: IQ(Float(source.byte(offset)) - 127.5, Float(source.byte(offset &+ 1)) - 127.5)
                }
            guard sample.isFinite else {
                throw source.error(at: base + offset, "a sample that is not finite; is the file \(rawValue)?")
            }
            samples.append(sample)
        }
        return samples
    }

    /// The bytes of samples times `scale`; integers are rounded and clipped.
    ///
    /// - Throws: `.usage` for a sample that is not finite.
    public func encode(_ samples: some Collection<IQ>, scale: Float = 1) throws(QWaveError) -> [UInt8] {
        var out = LittleEndianBytes()
        out.bytes.reserveCapacity(samples.count * bytesPerSample)
        for sample in samples {
            let scaled = sample * scale
            guard scaled.isFinite else { throw QWaveError(.usage, "a sample times \(scale) is not finite") }
            for part in [scaled.re, scaled.im] {
                switch self {
                case .sc16: out.write(Int16(max(-32_768, min(32_767, part.rounded()))))
                case .fc32: out.write(part)
                case .cu8: out.write(UInt8(max(0, min(255, (part + 127.5).rounded()))))
                }
            }
        }
        return out.bytes
    }
}
