// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels
public import Fields
public import QWaveCore

/// A universal hash of a long key to a shorter one by a random Toeplitz matrix over GF(2): exact, at any size,
/// in time that depends on the lengths only (privacy amplification, section 2).
///
/// The seed may be public, but must be uniform, drawn after the key is fixed, and used for one key only.
///
/// ```swift
/// let hash = ToeplitzHash()
/// let seed = try BitString.random(count: hash.seedBits(inputBits: key.count, outputBits: 256), using: random)
/// let secret = try hash.hash(key, seed: seed, outputBits: 256)
/// ```
///
/// With n input bits and m output bits the work is about n·m^0.585 and the memory about 5n/8 bytes.
public struct ToeplitzHash: Sendable {
    /// Which matrix; part of the transcript.
    public enum Form: UInt8, Sendable, Hashable, Codable {
        /// [T | I]: y = T·a ⊕ b for the key (a, b) with m bits in b, T of m × (n − m). Seed of n − 1 bits.
        /// (Hayashi and Tsurumaru, arXiv:1311.5322.)
        case modified = 0
        /// T of m × n. Seed of n + m − 1 bits.
        case plain = 1
    }

    public let form: Form
    private let kernel: ClmulKernel

    public init(form: Form = .modified, kernel: ClmulKernel = .automatic) {
        self.form = form
        self.kernel = kernel
    }

    /// The length of the seed in bits: n − 1 for `modified`, n + m − 1 for `plain`.
    ///
    /// Throws `.badInput` unless 0 < outputBits ≤ inputBits.
    public func seedBits(inputBits n: Int, outputBits m: Int) throws(QWaveError) -> Int {
        guard m > 0, m <= n, n <= Self.limit else {
            throw QWaveError(
                .badInput,
                "can't hash \(n) bits to \(m): the output takes at least 1 bit and at most the input's length, "
                    + "and the input at most \(Self.limit) bits")
        }
        return form == .modified ? n - 1 : n + m - 1
    }

    /// The longest input in bits: what a seed message can announce, and far beyond any block.
    static let limit = Int(Int32.max)

    /// The hash of `key`: output bit i is Σⱼ s[i − j + c − 1]·keyⱼ over the c columns of T, and for `modified`
    /// the key's bit c + i besides.
    ///
    /// Throws `.badInput` for lengths that don't fit each other or the seed.
    public func hash(_ key: BitString, seed: BitString, outputBits m: Int) throws(QWaveError) -> BitString {
        let wanted = try seedBits(inputBits: key.count, outputBits: m)
        guard seed.count == wanted else {
            throw QWaveError(
                .badInput,
                "the seed has \(seed.count) bits; hashing \(key.count) bits to \(m) takes exactly \(wanted)")
        }
        switch form {
        case .plain:
            return try product(key, seed, m)
        case .modified:
            let columns = key.count - m
            var result = key[columns..<key.count]
            if columns > 0 { result ^= try product(key[0..<columns], seed, m) }
            return result
        }
    }

    private func product(_ input: BitString, _ seed: BitString, _ m: Int) throws(QWaveError) -> BitString {
        var output = BitString(count: m)
        let n = input.count
        let status = output.withMutableWords { output in
            input.withWords { input in
                seed.withWords { seed in
                    unsafe output.withUnsafeMutableBufferPointer { output in
                        unsafe input.withUnsafeBufferPointer { input in
                            unsafe seed.withUnsafeBufferPointer { seed in
                                unsafe qw_toeplitz(
                                    kernel.rawValue, output.baseAddress, m, input.baseAddress, n,
                                    seed.baseAddress)
                            }
                        }
                    }
                }
            }
        }
        guard status == 0 else {
            throw QWaveError(.unavailable, "no memory to hash \(n) bits to \(m); use a shorter block")
        }
        return output
    }
}
