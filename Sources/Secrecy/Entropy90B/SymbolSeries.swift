// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Symbols of 1 to 8 bits in the order in which a source made them, as SP 800-90B assesses them.
public struct SymbolSeries: Sendable, Hashable {
    /// The most bits that are assessed at once: memory is about 30 bytes a bit.
    public static let bitLimit = 1 << 26

    /// The symbols as given.
    public let symbols: [UInt8]
    /// Bits a symbol, 1 to 8.
    public let bits: Int
    /// How many different symbols occur.
    public let alphabet: Int
    /// The symbols numbered 0..<alphabet in the order of their values: estimators see no gaps.
    let numbers: [UInt8]

    public var count: Int { symbols.count }

    /// - Parameters:
    ///   - symbols: one symbol a byte, in the low bits.
    ///   - bits: bits a symbol; nil takes as many as the largest symbol needs.
    /// - Throws: `.badInput` for no symbols, a symbol wider than `bits`, or more than `bitLimit` bits.
    public init(_ symbols: [UInt8], bits: Int? = nil) throws(QWaveError) {
        guard let largest = symbols.max() else {
            throw QWaveError(.badInput, "there are no symbols to assess")
        }
        let needed = max(1, 8 - largest.leadingZeroBitCount)
        let bits = bits ?? needed
        guard (1...8).contains(bits) else {
            throw QWaveError(.badInput, "symbols of \(bits) bits can't be assessed; 1 to 8 bits can")
        }
        guard needed <= bits else {
            throw QWaveError(
                .badInput,
                "symbol \(largest) needs \(needed) bits and can't be one of \(bits); say \(needed), or check the file"
            )
        }
        guard symbols.count <= Self.bitLimit / bits else {
            throw QWaveError(
                .badInput,
                "\(symbols.count) symbols of \(bits) bits are more than can be assessed at once, "
                    + "\(Self.bitLimit) bits; take a part")
        }
        self.symbols = symbols
        self.bits = bits
        var isPresent = [Bool](repeating: false, count: 256)
        for symbol in symbols { isPresent[Int(symbol)] = true }
        var number = [UInt8](repeating: 0, count: 256)
        var alphabet = 0
        for symbol in 0..<256 where isPresent[symbol] {
            number[symbol] = UInt8(alphabet)
            alphabet += 1
        }
        self.alphabet = alphabet
        numbers = alphabet == Int(largest) + 1 ? symbols : symbols.map { number[Int($0)] }
    }

    /// The bits of the symbols as given, one a byte, most significant bit first.
    var bitString: [UInt8] {
        guard bits > 1 else { return symbols }
        var string: [UInt8] = []
        string.reserveCapacity(symbols.count * bits)
        for symbol in symbols {
            for bit in stride(from: bits - 1, through: 0, by: -1) { string.append(symbol >> UInt8(bit) & 1) }
        }
        return string
    }
}
