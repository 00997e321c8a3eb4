// SPDX-License-Identifier: GPL-3.0-or-later

/// Builds a message: fixed-width big-endian integers, floats by bit pattern, counted byte strings.
public struct ByteWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    /// - Parameter capacity: bytes that can be written before the buffer moves.
    public init(capacity: Int) { bytes.reserveCapacity(capacity) }

    public mutating func write(_ value: some FixedWidthInteger) {
        var shift = value.bitWidth - 8
        while shift >= 0 {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
            shift -= 8
        }
    }
    public mutating func write(_ value: Double) { write(value.bitPattern) }
    public mutating func write(_ value: Float) { write(value.bitPattern) }
    /// The bytes alone, without a count.
    public mutating func write(_ new: some Collection<UInt8>) { bytes.append(contentsOf: new) }
    /// A 32-bit count, then the bytes.
    public mutating func writeCounted(_ new: some Collection<UInt8>) {
        write(UInt32(new.count))
        write(new)
    }
    /// A 32-bit count of bits, then the packed bytes.
    public mutating func write(_ bits: BitString) {
        write(UInt32(bits.count))
        write(bits.bytes)
    }
}

/// Reads a message from outside: every read checks what is left and throws `.protocolViolation`, never traps.
public struct ByteReader: Sendable {
    private let bytes: [UInt8]
    /// Where the next read starts.
    public private(set) var position = 0
    private let what: String

    /// - Parameter what: names the message in errors.
    public init(_ bytes: [UInt8], what: String = "message") {
        self.bytes = bytes
        self.what = what
    }

    public var remaining: Int { bytes.count - position }

    private func short(_ needed: Int) -> QWaveError {
        QWaveError(
            .protocolViolation,
            "\(what) is too short: \(needed) bytes wanted at byte \(position), \(remaining) left")
    }

    public mutating func read<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(QWaveError) -> T {
        let width = T.bitWidth / 8
        guard remaining >= width else { throw short(width) }
        var value: T = 0
        for index in position..<position + width {
            value =
                T.bitWidth > 8
                ? value << 8 | T(truncatingIfNeeded: bytes[index]) : T(truncatingIfNeeded: bytes[index])
        }
        position += width
        return value
    }
    public mutating func readDouble() throws(QWaveError) -> Double { Double(bitPattern: try read()) }
    public mutating func readFloat() throws(QWaveError) -> Float { Float(bitPattern: try read()) }

    public mutating func read(count: Int) throws(QWaveError) -> [UInt8] {
        guard count >= 0, remaining >= count else { throw short(count) }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// A byte string that was written with its count.
    public mutating func readCounted(limit: Int) throws(QWaveError) -> [UInt8] {
        let count = Int(try read(UInt32.self))
        guard count <= limit else {
            throw QWaveError(
                .protocolViolation, "\(what) holds a field of \(count) bytes, at most \(limit) allowed")
        }
        return try read(count: count)
    }

    /// A bit string of at most `limit` bits.
    public mutating func readBits(limit: Int) throws(QWaveError) -> BitString {
        let count = Int(try read(UInt32.self))
        guard count <= limit else {
            throw QWaveError(.protocolViolation, "\(what) holds \(count) bits, at most \(limit) allowed")
        }
        return BitString(bytes: try read(count: (count + 7) / 8), count: count)
    }

    /// Throws unless everything was read.
    public func finish() throws(QWaveError) {
        guard remaining == 0 else {
            throw QWaveError(.protocolViolation, "\(what) has \(remaining) bytes too many")
        }
    }
}
