// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Reader of the lines that the ESP32 CSI tools print: `CSI_DATA,…,[imaginary real imaginary real …]`.
///
/// The array's own length counts, not the `len` field. Each pair is (imaginary, real), as the chip's maker
/// documents it (ESP-IDF, `wifi_csi_info_t`). Lines that are no CSI lines, such as boot messages, are passed
/// over; a header line says where the fields stand. Time is the chip's own microsecond clock, unwrapped.
public enum ESP32Decoder {
    private static let tag = Array("CSI_DATA".utf8)
    private static let headerTag = Array("type,".utf8)

    /// - Throws: `.badInput` with the line for a damaged line or a file that ends inside one.
    public static func decode(
        _ bytes: [UInt8], name: String, options: CaptureOptions = CaptureOptions()
    ) throws(QWaveError) -> Capture {
        let source = ByteSource(bytes, name: name)
        var capture = Capture(format: .esp32, description: .init(format: "esp32", quantity: .complexGain))
        var columns = ESP32Columns.standard
        var records: [ESP32Record] = []
        var clock = CounterUnwrapper.microseconds
        var gains: [IQ] = []
        var fields: [Range<Int>] = []
        var lines = LineScanner(bytes)
        while let line = lines.next() {
            if bytes[line].starts(with: headerTag) {
                columns = ESP32Columns(names: split(bytes, line).map { text(bytes, $0) })
                continue
            }
            guard bytes[line].starts(with: tag) else {
                if !line.isEmpty { capture.skipped += 1 }
                continue
            }
            guard let open = bytes[line].firstIndex(of: UInt8(ascii: "[")),
                let close = bytes[open..<line.upperBound].firstIndex(of: UInt8(ascii: "]"))
            else {
                guard lines.isUnfinished else {
                    throw source.error(line: lines.line, "the array of gains has no [ or no ]")
                }
                capture.truncation = try Truncation(
                    source: source, place: "line \(lines.line)", what: "an array of gains",
                    packets: records.count
                ).resolve(options)
                break
            }
            fields = split(bytes, line.lowerBound..<open)
            guard fields.count == columns.count + 1 else {
                throw source.error(
                    line: lines.line,
                    "\(fields.count - 1) fields stand in front of the gains; the header says \(columns.count)"
                )
            }
            try parseGains(source, open + 1..<close, line: lines.line, into: &gains)
            let record = try parse(source, fields, columns, line: lines.line)
            let sequence = columns.position("seq", "id").flatMap { number(bytes, fields[$0]) }
            if sequence != nil { capture.sequenceSource = "seq" }
            capture.trace.append(
                sequence: sequence.flatMap { UInt64(exactly: $0) },
                time: time(bytes, fields, columns, record, &clock),
                shape: SnapshotShape(subcarriers: gains.count), gains: gains)
            records.append(record)
        }
        guard !records.isEmpty || capture.truncation != nil else {
            throw source.error(line: lines.line, "no line of gains (CSI_DATA,…,[…]) in the file")
        }
        describe(records, in: &capture)
        capture.details = .esp32(records)
        return capture
    }

    /// True when a CSI line or a header that names CSI data stands among the first lines.
    static func looksLikeLines(_ bytes: [UInt8]) -> Bool {
        let head = Array(bytes.prefix(65_536))
        var lines = LineScanner(head)
        while let line = lines.next() {
            if head[line].starts(with: tag + [UInt8(ascii: ",")]) { return true }
            if head[line].starts(with: headerTag) {
                let names = split(head, line).map { text(head, $0).lowercased() }
                if names.last == "csi_data" || names.last == "data" { return true }
            }
        }
        return false
    }

    private static func split(_ bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = range.lowerBound
        for index in range where bytes[index] == UInt8(ascii: ",") {
            parts.append(start..<index)
            start = index + 1
        }
        parts.append(start..<range.upperBound)
        return parts
    }

    private static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: bytes[range].filter { !NumberParser.isSpace($0) }, as: UTF8.self)
    }

    private static func number(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
        NumberParser.integer(bytes, range.lowerBound, range.upperBound)
    }

    private static func parse(
        _ source: ByteSource, _ fields: [Range<Int>], _ columns: ESP32Columns, line: Int
    ) throws(QWaveError) -> ESP32Record {
        func integer(_ name: String) throws(QWaveError) -> Int? {
            guard let position = columns.position(name) else { return nil }
            guard let value = number(source.bytes, fields[position]) else {
                throw source.error(
                    line: line,
                    "\(name) is \"\(text(source.bytes, fields[position]).prefix(40))\", not a whole number")
            }
            return value
        }
        return ESP32Record(
            rssi: try integer("rssi"), noiseFloor: try integer("noise_floor"),
            channel: try integer("channel"),
            localTimestamp: try integer("local_timestamp"), declaredLength: try integer("len"),
            address: columns.position("mac").map { String(text(source.bytes, fields[$0]).prefix(40)) })
    }

    /// The chip's clock, else the host's `real_timestamp`, which is printed as seconds, a point, and the
    /// microseconds without their leading zeros.
    private static func time(
        _ bytes: [UInt8], _ fields: [Range<Int>], _ columns: ESP32Columns, _ record: ESP32Record,
        _ clock: inout CounterUnwrapper
    ) -> Double? {
        if let stamp = record.localTimestamp {
            return Double(clock.next(Int64(UInt32(truncatingIfNeeded: stamp)))) / 1e6
        }
        guard let position = columns.position("real_timestamp") else { return nil }
        let field = fields[position]
        guard let point = bytes[field].firstIndex(of: UInt8(ascii: ".")) else {
            return number(bytes, field).map { Double($0) }
        }
        guard let seconds = number(bytes, field.lowerBound..<point),
            let micros = number(bytes, point + 1..<field.upperBound), (0..<1_000_000).contains(micros)
        else { return nil }
        return Double(seconds) + Double(micros) / 1e6
    }

    /// Pairs of whole numbers from -128 to 127, separated by spaces or commas.
    private static func parseGains(
        _ source: ByteSource, _ range: Range<Int>, line: Int, into gains: inout [IQ]
    ) throws(QWaveError) {
        gains.removeAll(keepingCapacity: true)
        let bytes = source.bytes
        var imaginary: Float?
        var index = range.lowerBound
        while index < range.upperBound {
            guard !NumberParser.isSpace(bytes[index]), bytes[index] != UInt8(ascii: ",") else {
                index += 1
                continue
            }
            let start = index
            while index < range.upperBound, !NumberParser.isSpace(bytes[index]),
                bytes[index] != UInt8(ascii: ",")
            {
                index += 1
            }
            guard let value = NumberParser.integer(bytes, start, index), (-128...127).contains(value) else {
                let text = String(decoding: bytes[start..<min(index, start + 20)], as: UTF8.self)
                throw source.error(
                    line: line, "\"\(text)\" in the gains is not a whole number from -128 to 127")
            }
            if let first = imaginary {
                gains.append(IQ(Float(value), first))
                imaginary = nil
            } else {
                imaginary = Float(value)
            }
        }
        guard imaginary == nil, !gains.isEmpty else {
            throw source.error(
                line: line,
                "the gains are \(2 * gains.count + (imaginary == nil ? 0 : 1)) numbers; they come in pairs")
        }
    }

    private static func describe(_ records: [ESP32Record], in capture: inout Capture) {
        capture.trace.description.subcarrierSpacing = 312_500
        let shapes = Set((0..<capture.trace.count).map { capture.trace.shape(at: $0).subcarriers })
        if shapes == [64] {
            capture.trace.description.toneIndices = ESP32Record.toneIndices
            capture.trace.description.fftLength = 64
        }
        guard let channel = records.first?.channel, records.allSatisfy({ $0.channel == channel }) else {
            return
        }
        capture.trace.description.carrierFrequency = WiFiChannel.frequency(
            channel, fiveGigahertz: channel > 14)
    }
}
