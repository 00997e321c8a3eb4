// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Quantization

/// The session's own messages, types 0x01 to 0x0F; each has a bound and one place in the order of an exchange.
enum SessionMessage {
    static let version: UInt16 = 1
    static let hello: UInt8 = 0x01
    static let parameters: UInt8 = 0x02
    static let probes: UInt8 = 0x03
    static let features: UInt8 = 0x04
    static let plan: UInt8 = 0x05
    static let verdict: UInt8 = 0x06
    static let commit: UInt8 = 0x07
    static let resume: UInt8 = 0x08
    static let next: UInt8 = 0x09
    static let probing: UInt8 = 0x0A
    static let synchronization: UInt8 = 0x0B
    static let abort: UInt8 = 0x0F
    /// Bytes of a message's payload at the most: large lists travel in pieces.
    static let chunk = 512 * 1024

    static func unexpected(_ wanted: String, _ type: UInt8?) -> QWaveError {
        QWaveError(.protocolViolation, "\(wanted) expected, message type \(type ?? 0) received")
    }

    /// Sends a large byte string in pieces: type, bytes of the whole (8), then this piece. Every piece but the last is
    /// full, so a changed length is found at once and nobody waits for a piece that never comes.
    static func sendPieces(_ type: UInt8, _ bytes: [UInt8], as party: Party) async throws(QWaveError) {
        var start = 0
        repeat {
            let end = min(start + chunk, bytes.count)
            var writer = ByteWriter()
            writer.write(type)
            writer.write(UInt64(bytes.count))
            writer.write(bytes[start..<end])
            try await party.send(writer.bytes, charging: .nothing)
            start = end
        } while start < bytes.count
    }

    /// Receives what `sendPieces` sent, `limit` bytes at the most; holds no more than what came.
    static func receivePieces(_ type: UInt8, limit: Int, what: String, as party: Party)
        async throws(QWaveError) -> [UInt8]
    {
        var bytes: [UInt8] = []
        var whole: UInt64?
        repeat {
            let message = try await party.receive()
            guard message.first == type else { throw unexpected(what, message.first) }
            var reader = ByteReader(message, what: what)
            _ = try reader.read(UInt8.self)
            let total = try reader.read(UInt64.self)
            guard total <= UInt64(limit), whole.map({ $0 == total }) ?? true else {
                throw QWaveError(
                    .protocolViolation,
                    "the peer's \(what) has \(total) bytes, at most \(limit) are allowed here, and always the same"
                )
            }
            whole = total
            guard reader.remaining == min(chunk, Int(total) - bytes.count) else {
                throw QWaveError(
                    .protocolViolation,
                    "a piece of the peer's \(what) has \(reader.remaining) bytes, \(bytes.count) of \(total) are there"
                )
            }
            bytes += try reader.read(count: reader.remaining)
            party.charge(received: .nothing, bytes: message.count)
        } while whole.map { bytes.count < Int($0) } ?? true
        return bytes
    }
}

extension FeatureMatrix {
    /// Row after row, 32-bit floats.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 4)
        for value in values {
            let pattern = value.bitPattern
            bytes.append(UInt8(truncatingIfNeeded: pattern >> 24))
            bytes.append(UInt8(truncatingIfNeeded: pattern >> 16))
            bytes.append(UInt8(truncatingIfNeeded: pattern >> 8))
            bytes.append(UInt8(truncatingIfNeeded: pattern))
        }
        return bytes
    }

    init(encoded bytes: [UInt8], rows: Int, columns: Int) throws(QWaveError) {
        guard bytes.count == rows * columns * 4 else {
            throw QWaveError(
                .protocolViolation,
                "the peer published \(bytes.count) bytes of samples, not \(rows * columns * 4)")
        }
        var values: [Float] = []
        values.reserveCapacity(rows * columns)
        for start in stride(from: 0, to: bytes.count, by: 4) {
            let pattern =
                UInt32(bytes[start]) << 24 | UInt32(bytes[start + 1]) << 16 | UInt32(bytes[start + 2]) << 8
                | UInt32(bytes[start + 3])
            values.append(Float(bitPattern: pattern))
        }
        self.init(rows: rows, columns: columns, values: values)
        guard isPlausible else {
            throw QWaveError(.protocolViolation, "a published sample isn't a number of sensible size")
        }
    }

    /// Whether every value is finite and so small that sums of its powers stay finite.
    var isPlausible: Bool { values.allSatisfy { abs($0) <= 1e12 } }
}
