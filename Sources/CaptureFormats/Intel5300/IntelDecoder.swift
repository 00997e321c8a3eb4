// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Reader of Intel 5300 CSI Tool logs.
///
/// Records with another code than 0xBB are skipped by their length. Gains are returned as recorded, in
/// antenna order (after the record's permutation); ``Capture/scaledGains(ofPacket:)`` has the tool's scale.
/// The sequence is the pairing number that modified drivers write into bytes 6 and 7 of the record, if any
/// record of the file holds one, else the driver's own count; both unwrapped. The driver's count numbers the
/// measurements of one card: it finds lost records but does not pair two ends.
public enum IntelDecoder {
    static let code: UInt8 = 0xBB
    static let fieldBytes = 20

    /// - Throws: `.badInput` with the byte offset for a damaged record or a file that ends inside one.
    public static func decode(
        _ bytes: [UInt8], name: String, options: CaptureOptions = CaptureOptions()
    ) throws(QWaveError) -> Capture {
        let source = ByteSource(bytes, name: name)
        var capture = Capture(
            format: .intel5300, description: .init(format: "intel5300", quantity: .complexGain))
        var records: [IntelRecord] = []
        var scales: [Double] = []
        var gains: [(offset: Int, shape: SnapshotShape)] = []
        var offset = 0
        while offset < bytes.count {
            // A length of two bytes, then that many bytes of which the first is the code.
            let length = Int(source.bigU16(offset))
            guard bytes.count - offset >= 3, bytes.count - offset - 2 >= length || length == 0 else {
                capture.truncation = try Truncation(
                    source: source, place: "byte \(offset)", what: "a record", packets: records.count
                ).resolve(options)
                break
            }
            guard length > 0 else {
                throw source.error(at: offset, "a record of length zero; the log is damaged")
            }
            if bytes[offset + 2] == code {
                let record = try parse(source, at: offset + 3, length: length - 1)
                records.append(record)
                gains.append(
                    (
                        offset + 3 + fieldBytes,
                        SnapshotShape(
                            receiveAntennas: Int(record.receiveAntennas),
                            transmitAntennas: Int(record.transmitAntennas),
                            subcarriers: IntelRecord.subcarriers)
                    ))
            } else {
                capture.skipped += 1
            }
            offset += 2 + length
        }
        guard !records.isEmpty || capture.truncation != nil else {
            throw source.error(
                at: 0, "no channel measurement (record code 0xBB) among \(capture.skipped) records")
        }
        describe(records, in: &capture)
        let usesPairing = records.contains { $0.pairingNumber != 0 }
        capture.sequenceSource = usesPairing ? "pairing number" : "record count"
        var clock = CounterUnwrapper.microseconds
        var counter = CounterUnwrapper.sequence
        capture.trace.reserveCapacity(
            snapshots: records.count, gains: gains.reduce(0) { $0 + $1.shape.count })
        var buffer: [IQ] = []
        for (record, place) in zip(records, gains) {
            let power = unpack(source, at: place.offset, record: record, into: &buffer)
            scales.append(record.scale(power: power))
            let time = Double(clock.next(Int64(record.timestampLow))) / 1e6
            let sequence = counter.next(Int64(usesPairing ? record.pairingNumber : record.count))
            capture.trace.append(sequence: sequence, time: time, shape: place.shape, gains: buffer)
        }
        capture.details = .intel(records, scales: scales)
        return capture
    }

    /// True when a plausible measurement record stands at the start, or behind whole records of other codes.
    static func looksLikeLog(_ bytes: [UInt8]) -> Bool {
        let source = ByteSource(bytes, name: "")
        var offset = 0
        for _ in 0..<1000 where bytes.count - offset >= 3 {
            let length = Int(source.bigU16(offset))
            if bytes[offset + 2] == code {
                let fits =
                    (1...3).contains(source.byte(offset + 11)) && (1...3).contains(source.byte(offset + 12))
                return length > fieldBytes && (fits || bytes.count - offset < 13)
            }
            guard length > 0 else { return false }
            offset += 2 + length
        }
        return false
    }

    private static func parse(_ source: ByteSource, at start: Int, length: Int) throws(QWaveError)
        -> IntelRecord
    {
        guard length >= fieldBytes else {
            throw source.error(at: start, "a measurement record of \(length) bytes; its fields alone need 20")
        }
        let record = IntelRecord(
            timestampLow: source.u32(start), count: source.u16(start + 4),
            pairingNumber: source.u16(start + 6),
            receiveAntennas: source.byte(start + 8), transmitAntennas: source.byte(start + 9),
            rssi: (source.byte(start + 10), source.byte(start + 11), source.byte(start + 12)),
            noise: source.signedByte(start + 13), agc: source.byte(start + 14),
            antennaSelection: source.byte(start + 15), rate: source.u16(start + 18))
        guard (1...3).contains(record.receiveAntennas), (1...3).contains(record.transmitAntennas) else {
            throw source.error(
                at: start + 8,
                "a record of \(record.receiveAntennas) receive and \(record.transmitAntennas) transmit antennas; "
                    + "the card has 1 to 3 of each")
        }
        let declared = Int(source.u16(start + 16))
        let needed = IntelRecord.payloadLength(
            receive: Int(record.receiveAntennas), transmit: Int(record.transmitAntennas))
        guard declared == needed, length >= fieldBytes + needed else {
            throw source.error(
                at: start + 16,
                "a record of \(record.receiveAntennas) x \(record.transmitAntennas) antennas needs \(needed) bytes "
                    + "of gains; it declares \(declared) and holds \(length - fieldBytes)")
        }
        return record
    }

    /// Unpacks into (receive antenna, transmit antenna, subcarrier) order; returns the sum of |gain|².
    private static func unpack(
        _ source: ByteSource, at start: Int, record: IntelRecord, into gains: inout [IQ]
    ) -> Double {
        let receive = Int(record.receiveAntennas)
        let transmit = Int(record.transmitAntennas)
        let tones = IntelRecord.subcarriers
        let antennas = record.antennaOfChain
        gains = [IQ](repeating: .zero, count: receive * transmit * tones)
        var power = 0
        var bit = 0
        func value(_ bit: Int) -> Int8 {
            Int8(bitPattern: UInt8(truncatingIfNeeded: source.u16(start &+ bit >> 3) >> UInt16(bit & 7)))
        }
        for tone in 0..<tones {
            bit += 3
            for chain in 0..<receive {
                let antenna = antennas[chain]
                for stream in 0..<transmit {
                    let re = value(bit)
                    let im = value(bit + 8)
                    bit += 16
                    gains[(antenna * transmit + stream) * tones + tone] = IQ(Float(re), Float(im))
                    power += Int(re) * Int(re) + Int(im) * Int(im)
                }
            }
        }
        return Double(power)
    }

    private static func describe(_ records: [IntelRecord], in capture: inout Capture) {
        guard let wide = records.first?.isWide, records.allSatisfy({ $0.isWide == wide }) else { return }
        capture.trace.description.toneIndices = IntelRecord.toneIndices(wide: wide)
        capture.trace.description.fftLength = wide ? 128 : 64
        capture.trace.description.subcarrierSpacing = 312_500
    }
}
