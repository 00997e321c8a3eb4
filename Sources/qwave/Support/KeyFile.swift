// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// A user's own key in a file: text of 0 and 1, or packed bytes, bit i in bit (i mod 8) of byte i/8.
enum KeyFile {
    /// The most that is read, in bytes.
    static let limit = 1 << 26

    /// The key; a file in which nothing but 0, 1 and white space stands is text.
    static func read(_ path: String) throws(QWaveError) -> BitString {
        let bytes = try Files.read(path, limit: limit)
        let isText = bytes.allSatisfy { $0 == 0x30 || $0 == 0x31 || isSpace($0) }
        guard isText else { return BitString(bytes: bytes) }
        return BitString(bytes.lazy.filter { !isSpace($0) }.map { $0 == 0x31 })
    }

    /// A responder's log-likelihoods: signed bytes, units of 1/3 nat; beyond ±100 they count as that.
    static func likelihoods(_ path: String, count: Int) throws(QWaveError) -> [Int8] {
        let bytes = try Files.read(path, limit: limit)
        guard bytes.count == count else {
            throw QWaveError(
                .badInput,
                "\(path) holds \(bytes.count) log-likelihoods for a key of \(count) bits; give one byte a bit"
            )
        }
        return bytes.map { min(100, max(-100, Int8(bitPattern: $0))) }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
