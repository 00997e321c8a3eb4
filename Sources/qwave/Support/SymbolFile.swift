// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Secrecy

/// Symbols in a file: one a byte, a text of 0 and 1, or packed bits.
enum SymbolFile {
    /// How the symbols stood in the file.
    enum Layout: String, Encodable { case bytes, text, packed }

    /// Reads a file; one in which nothing but 0, 1 and white space stands is text.
    ///
    /// - Parameters:
    ///   - bits: bits a symbol; nil takes what the largest byte needs, or 1 of a text and of packed bits.
    ///   - isStated: whoever gave the file said how wide its symbols are. Without that any other text than of 0 and 1 is
    ///     refused: somebody forgot to convert it.
    ///   - isPacked: bit i is bit i mod 8 of byte i/8. Of text and packed bits, `bits` make a symbol, the first the most
    ///     significant; what is left over at the end is dropped.
    static func read(
        _ path: String, bits: Int?, isStated: Bool, isPacked: Bool
    ) throws(QWaveError) -> (series: SymbolSeries, layout: Layout) {
        // A text may have as much white space as digits; what is too much of anything else is told by its bits.
        let limit = isPacked ? SymbolSeries.bitLimit / 8 : 2 * SymbolSeries.bitLimit
        let bytes = try Files.read(path, limit: limit)
        do throws(QWaveError) {
            if isPacked {
                let string = (0..<8 * bytes.count).map { bytes[$0 / 8] >> UInt8($0 % 8) & 1 }
                return (try SymbolSeries(joined(string, bits ?? 1), bits: bits ?? 1), .packed)
            }
            let digits = bytes.filter { !isSpace($0) }
            if !digits.isEmpty, digits.allSatisfy({ $0 == 0x30 || $0 == 0x31 }) {
                return (try SymbolSeries(joined(digits.map { $0 & 1 }, bits ?? 1), bits: bits ?? 1), .text)
            }
            guard isStated || !isText(bytes) else {
                throw QWaveError(
                    .badInput,
                    "this looks like a text, and each of its characters would count as a symbol. Give one symbol a "
                        + "byte, or a text of nothing but 0 and 1; numbers from 0 to 255 become bytes with python3 -c "
                        + "'import re, sys; sys.stdout.buffer.write(bytes(map(int, re.findall(r\"\\d+\", "
                        + "sys.stdin.read()))))', recorded values are quantized first. Where characters are the "
                        + "symbols, say so with --bits 7 or --bits 8")
            }
            return (try SymbolSeries(bytes, bits: bits), .bytes)
        } catch {
            throw QWaveError(error.code, "\(path): \(error.message)", cause: error.cause)
        }
    }

    private static func joined(_ string: [UInt8], _ bits: Int) -> [UInt8] {
        guard bits > 1 else { return string }
        return stride(from: 0, through: string.count - bits, by: bits).map { begin in
            string[begin..<begin + bits].reduce(0) { $0 << 1 | $1 }
        }
    }

    /// Whether more than 99 in 100 of the first 64 KiB are printable characters or white space.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        let start = bytes.prefix(1 << 16)
        let characters = start.count { (0x20...0x7E).contains($0) || isSpace($0) }
        return characters * 100 > start.count * 99
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
