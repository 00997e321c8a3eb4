// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

extension TraceEncoder {
    /// Everything in front of the first chunk.
    static func header(_ description: ChannelTrace.Description) throws(QWaveError) -> [UInt8] {
        typealias Flags = TraceFormat.HeaderFlags
        let fields: [(Double?, UInt8, String)] = [
            (description.subcarrierSpacing, Flags.spacing, "subcarrier spacing"),
            (description.carrierFrequency, Flags.carrier, "carrier frequency"),
            (description.nominalRate, Flags.rate, "nominal rate"),
            (description.noiseVariance, Flags.noise, "noise variance"),
        ]
        var flags: UInt8 = description.simulated ? Flags.simulated : 0
        if description.fftLength != nil { flags |= Flags.fftLength }
        for (value, flag, name) in fields {
            guard value?.isFinite != false else {
                throw QWaveError(.usage, "the trace's \(name) is not finite")
            }
            if value != nil { flags |= flag }
        }
        guard let fftLength = UInt32(exactly: description.fftLength ?? 0) else {
            throw QWaveError(
                .usage, "the trace's FFT length \(description.fftLength ?? 0) fits in no 32 bits")
        }
        let tones = description.toneIndices.compactMap { Int32(exactly: $0) }
        guard tones.count == description.toneIndices.count, tones.count <= TraceFormat.mostTones else {
            throw QWaveError(.usage, "the trace has more than 65,535 tone indices, or one beyond 32 bits")
        }
        let texts = [description.format, description.comment]
        guard texts.allSatisfy({ $0.utf8.count <= TraceFormat.longestText }) else {
            throw QWaveError(.usage, "the trace's format name or comment is longer than 65,535 bytes")
        }
        var body = LittleEndianBytes()
        body.write(TraceFormat.code(description.quantity))
        body.write(flags)
        body.write(UInt16(0))
        body.write(fftLength)
        for (value, _, _) in fields { body.write(value ?? 0) }
        for text in texts {
            body.write(UInt16(text.utf8.count))
            body.write(text)
        }
        body.write(UInt32(tones.count))
        for tone in tones { body.write(tone) }

        var out = LittleEndianBytes()
        out.write(TraceFormat.magic)
        out.write(TraceFormat.version)
        out.write(UInt16(0))
        out.write(UInt32(body.bytes.count))
        out.write(body.bytes)
        out.write(CRC32.of(out.bytes[...]))
        return out.bytes
    }
}

/// Reads the body of a trace's header; every length is checked against what is there.
struct TraceHeaderReader {
    let source: ByteSource
    /// Offset of the body in the file, for errors.
    let base: Int
    private var position = 0

    init(_ body: [UInt8], name: String, base: Int) {
        source = ByteSource(body, name: name)
        self.base = base
    }

    private func error(_ reason: String) -> QWaveError {
        QWaveError(.badInput, "\(source.name): byte \(base + position): \(reason)")
    }

    private mutating func take(_ count: Int, _ what: String) throws(QWaveError) -> Int {
        guard count <= source.count - position else {
            throw error(
                "the header ends inside \(what): \(count) bytes wanted, \(source.count - position) left")
        }
        defer { position += count }
        return position
    }

    private mutating func text(_ what: String) throws(QWaveError) -> String {
        let count = Int(source.u16(try take(2, what)))
        let start = try take(count, what)
        guard let text = String(validating: source.bytes[start..<start + count], as: UTF8.self) else {
            throw error("\(what) is no UTF-8")
        }
        return text
    }

    mutating func description() throws(QWaveError) -> ChannelTrace.Description {
        typealias Flags = TraceFormat.HeaderFlags
        let fixed = try take(40, "its fixed fields")
        guard let quantity = TraceFormat.quantity(source.byte(fixed)) else {
            throw error("quantity \(source.byte(fixed)) is unknown (0 complex gain, 1 amplitude, 2 decibels)")
        }
        let flags = source.byte(fixed + 1)
        guard flags & ~Flags.known == 0, source.u16(fixed + 2) == 0 else {
            throw error("reserved bits of the header are set; a newer QWave may have written the file")
        }
        func number(_ index: Int, _ flag: UInt8) -> Double? {
            flags & flag == 0 ? nil : Double(bitPattern: source.u64(fixed + 8 + 8 * index))
        }
        var result = ChannelTrace.Description(format: "", quantity: quantity)
        result.fftLength = flags & Flags.fftLength == 0 ? nil : Int(source.u32(fixed + 4))
        result.subcarrierSpacing = number(0, Flags.spacing)
        result.carrierFrequency = number(1, Flags.carrier)
        result.nominalRate = number(2, Flags.rate)
        result.noiseVariance = number(3, Flags.noise)
        result.simulated = flags & Flags.simulated != 0
        let numbers = [
            result.subcarrierSpacing, result.carrierFrequency, result.nominalRate, result.noiseVariance,
        ]
        guard numbers.allSatisfy({ $0?.isFinite != false }) else {
            throw error("a number of the header is not finite")
        }
        result.format = try text("the format's name")
        result.comment = try text("the comment")
        let count = Int(source.u32(try take(4, "the tone indices")))
        guard count <= TraceFormat.mostTones else {
            throw error("\(count) tone indices; at most 65,535 are allowed")
        }
        let tones = try take(4 * count, "the tone indices")
        result.toneIndices = (0..<count).map { Int(Int32(bitPattern: source.u32(tones + 4 * $0))) }
        guard position == source.count else {
            throw error("\(source.count - position) bytes too many in the header")
        }
        return result
    }
}
