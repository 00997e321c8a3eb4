// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// Equal intervals over the range of each block, with Gray labels: the multi-bit form of ASBG.
///
/// Jana, Premnath, Clark, Kasera, Patwari and Krishnamurthy, MobiCom 2009. The number of bits, ⌊log₂ range⌋, is a
/// statistic of the keyed samples: fixed beforehand it tells nothing, said block by block it is charged.
public struct AdaptiveMultibitQuantizer: Sendable, Hashable {
    /// The most bits of a symbol.
    public static let maximumBits = 8

    public let block: Int

    /// - Precondition: a block has two samples or more.
    public init(block: Int = 25) {
        precondition(block >= 2, "a block has a range")
        self.block = block
    }

    /// ⌊log₂(max − min)⌋ in the samples' own steps, 0 where the range is below 2.
    public func bits(of samples: some Collection<Double>) -> Int {
        let range = (samples.max() ?? 0) - (samples.min() ?? 0)
        guard range >= 2, range.isFinite else { return 0 }
        return min(Self.maximumBits, Int(log2(range)))
    }

    /// The interval of each of a block's samples, of 2^`bits` equal ones from its least to its largest value.
    ///
    /// - Precondition: 1 ≤ bits ≤ 8.
    public func indices(of samples: some Collection<Double>, bits: Int) -> [Int] {
        precondition((1...Self.maximumBits).contains(bits), "bits out of range")
        let least = samples.min() ?? 0
        let cells = 1 << bits
        let width = ((samples.max() ?? 0) - least) / Double(cells)
        return samples.map { sample in
            guard width > 0 else { return 0 }
            return min(cells - 1, max(0, Int(min(((sample - least) / width).rounded(.down), Double(cells)))))
        }
    }

    /// The Gray label of an interval.
    public func label(_ index: Int) -> Int { GrayCode.encode(index) }
}
