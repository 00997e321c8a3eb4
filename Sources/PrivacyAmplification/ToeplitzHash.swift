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
/// Below some 50,000 bits the work is about n·m^0.585, above it n·log n, by the additive transform; then the
/// memory is 2 to 3 times (n + m)/8 bytes besides key and seed, with n + m rounded up to a power of two. A key
/// that is too long for that goes through `ToeplitzStream`. Documentation/privacy-amplification.md tells the
/// mathematics.
public struct ToeplitzHash: Sendable {
    /// Which matrix; part of the transcript.
    public enum Form: UInt8, Sendable, Hashable, Codable {
        /// [T | I]: y = T·a ⊕ b for the key (a, b) with m bits in b, T of m × (n − m). Seed of n − 1 bits.
        /// (Hayashi and Tsurumaru, arXiv:1311.5322.)
        case modified = 0
        /// T of m × n. Seed of n + m − 1 bits.
        case plain = 1
    }

    /// How the product is made; the result is the same.
    public enum Method: Int32, Sendable, Hashable, CaseIterable {
        /// What the lengths suggest.
        case automatic = 0
        /// Halves with three products in place of four, down to carry-less products of words.
        case recursion = 1
        /// The additive transform over GF(2⁶⁴).
        case transform = 2
    }

    public let form: Form
    let product: ToeplitzProduct

    /// - Parameters:
    ///   - threads: with 2, a second thread helps where long transforms are to be made.
    ///   - kernel, method: for tests and benchmarks.
    public init(
        form: Form = .modified, threads: Int = 1, kernel: ClmulKernel = .automatic,
        method: Method = .automatic
    ) {
        self.form = form
        product = ToeplitzProduct(kernel: kernel, method: method, threads: threads)
    }

    /// `recursion` or `transform`: what is used for these lengths.
    public func method(inputBits n: Int, outputBits m: Int) -> Method {
        guard product.method == .automatic else { return product.method }
        let columns = columns(inputBits: n, outputBits: m)
        return Method(rawValue: qw_toeplitz_method_for(product.kernel.rawValue, m, columns)) ?? .recursion
    }

    /// Columns of T.
    func columns(inputBits n: Int, outputBits m: Int) -> Int { form == .modified ? n - m : n }

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
        let columns = columns(inputBits: key.count, outputBits: m)
        var output = BitString(count: m)
        if form == .modified { ToeplitzProduct.copy(key, from: columns, to: &output) }
        try product.add(to: &output, key, inputOffset: 0, columns: columns, seed: seed, seedOffset: 0)
        return output
    }
}
