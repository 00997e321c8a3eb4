// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// M bits of a sample under one of two overlapping maps, of which the initiator says which she used.
///
/// The multi-bit adaptive quantizer (MAQ) of HRUBE: Patwari, Croft, Jana and Kasera, IEEE Transactions on Mobile
/// Computing 9(1), 2010. 4·2^M bins of equal probability; the public bit e is the same for two of four neighbors,
/// and under the map that it chooses an error of one bin never changes the symbol. Where the bins are uniform the
/// symbol is uniform given e: the bit is free.
public struct BinClassQuantizer: Sendable, Hashable {
    /// M, bits of a symbol.
    public let bits: Int
    private let bins: EquiprobableQuantizer

    /// - Precondition: 1 ≤ bits ≤ 6.
    public init(bits: Int) {
        precondition((1...6).contains(bits), "bits out of range")
        self.bits = bits
        bins = EquiprobableQuantizer(bits: bits + 2)
    }

    /// K = 4·2^M.
    public var binCount: Int { 4 << bits }

    /// The bin of a normal score, 1 to K.
    public func bin(_ score: Double) -> Int { bins.symbol(score) + 1 }

    /// The public bit of a bin: 1 where k mod 4 ≥ 2.
    public func publicBit(_ bin: Int) -> Int { bin % 4 >= 2 ? 1 : 0 }

    /// The symbol of a bin under the map that a public bit chooses, as its Gray label.
    public func label(_ bin: Int, publicBit: Int) -> Int {
        GrayCode.encode(publicBit == 1 ? (bin - 1) / 4 : (bin + 1) % binCount / 4)
    }
}
