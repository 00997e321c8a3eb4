// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels
public import QWaveCore

/// The hash of a key that comes in pieces, in memory that doesn't grow with the key: the sum of the hashes of blocks
/// of columns, each with its own window of the seed.
///
/// ```swift
/// var stream = try ToeplitzStream(ToeplitzHash(), inputBits: n, outputBits: m) { window in seedFile.bits(window) }
/// while let piece = keyFile.next() { try stream.append(piece) }
/// let secret = try stream.finish()
/// ```
///
/// The result is that of `ToeplitzHash.hash`, whatever the pieces. The windows are asked for from the seed's end to
/// its beginning; two neighbors share m − 1 bits. Besides the output and the buffer of one block, the scratch memory
/// of one product is needed, about 2 to 3 times (m + blockBits)/8 bytes, rounded up to a power of two.
public struct ToeplitzStream {
    /// Gives the seed's bits of a range.
    public typealias SeedWindow = (Range<Int>) throws(QWaveError) -> BitString

    public let inputBits: Int
    public let outputBits: Int
    /// Bits of the key that are hashed at once.
    public let blockBits: Int
    /// Bits taken so far.
    public private(set) var received = 0

    private let columns: Int
    private let product: ToeplitzProduct
    private let seedWindow: SeedWindow
    private var pending = BitString()
    private var output: BitString
    /// The identity's part of the key.
    private var rest = BitString()

    /// - Parameters:
    ///   - blockBits: bits of the key to be hashed at once; by default the number that suits transforms of 16 million
    ///     bits, or longer ones for an output that asks for it.
    ///   - seed: the window of the seed that stands at those bits, exactly as long as the range.
    ///
    /// Throws `.badInput` for lengths that make no hash.
    public init(
        _ hash: ToeplitzHash, inputBits: Int, outputBits: Int, blockBits: Int? = nil,
        seed: @escaping SeedWindow
    ) throws(QWaveError) {
        _ = try hash.seedBits(inputBits: inputBits, outputBits: outputBits)
        self.inputBits = inputBits
        self.outputBits = outputBits
        columns = hash.columns(inputBits: inputBits, outputBits: outputBits)
        product = hash.product
        self.blockBits = max(1, min(blockBits ?? qw_toeplitz_columns(outputBits, 18), inputBits))
        seedWindow = seed
        output = BitString(count: outputBits)
    }

    /// Takes the key's next bits.
    ///
    /// Throws `.badInput` for more bits than were announced or a window of another length, and what the seed throws.
    public mutating func append(_ bits: BitString) throws(QWaveError) {
        guard bits.count <= inputBits - received else {
            throw QWaveError(
                .badInput, "the key has more than the \(inputBits) bits that were announced for hashing")
        }
        var offset = 0
        while offset < bits.count, received < columns {
            let wanted = min(blockBits - pending.count, columns - received)
            let count = min(wanted, bits.count - offset)
            received += count
            if pending.isEmpty, count == wanted {
                try hash(bits, offset: offset, count: count)
            } else {
                pending.append(bits[offset..<offset + count])
                if count == wanted {
                    try hash(pending, offset: 0, count: pending.count)
                    pending = BitString()
                }
            }
            offset += count
        }
        received += bits.count - offset
        rest.append(bits[offset..<bits.count])
    }

    /// The hash; to be called once.
    ///
    /// Throws `.badInput` unless all bits have come.
    public mutating func finish() throws(QWaveError) -> BitString {
        guard received == inputBits else {
            throw QWaveError(
                .badInput,
                "the key has \(received) bits, not the \(inputBits) that were announced for hashing")
        }
        if !rest.isEmpty {
            output ^= rest
            rest = BitString()
        }
        return output
    }

    /// Adds the block that ends at column `received`.
    private mutating func hash(_ bits: BitString, offset: Int, count: Int) throws(QWaveError) {
        let start = columns - received
        let window = start..<start + count + outputBits - 1
        let seed = try seedWindow(window)
        guard seed.count == window.count else {
            throw QWaveError(
                .badInput, "the seed's window \(window) has \(seed.count) bits, not \(window.count)")
        }
        try product.add(
            to: &output, bits, inputOffset: offset, columns: count, seed: seed, seedOffset: 0)
    }
}
