// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels

extension LDPCCode {
    /// Words of a row's syndrome.
    public var rowWords: Int { lift / 64 }

    /// Calls `body` with the kernels' view of rows given by their boundaries.
    func withKernelCode<R>(_ bounds: [UInt32], _ body: (UnsafePointer<qw_ldpc_code>) -> R) -> R {
        unsafe edges.withUnsafeBytes { edges in
            unsafe bounds.withUnsafeBufferPointer { bounds in
                // An edge is two 16-bit numbers here and there.
                var code = unsafe qw_ldpc_code(
                    edges: edges.baseAddress?.assumingMemoryBound(to: qw_ldpc_edge.self),
                    bounds: bounds.baseAddress, rows: UInt32(bounds.count - 1), columns: UInt32(columns),
                    lift: UInt32(lift), shifted: isShifted ? 1 : 0, unit: UInt32(unit))
                return unsafe body(&code)
            }
        }
    }

    /// The syndrome of packed bits: for each row of the level `rowWords` words, in row order.
    ///
    /// Column c's block is the words from c * rowWords on. Without shifts, word c holds bit c of 64 frames.
    ///
    /// - Precondition: `bits` has `bitCount` bits.
    public func syndrome(of bits: Span<UInt64>, level: Int) -> [UInt64] {
        syndrome(of: bits, bounds: boundaries(level: level))
    }

    /// What the next level tells of `bits`: the syndrome of the first half of the row that it cuts.
    public func addedSyndrome(of bits: Span<UInt64>, after level: Int) -> [UInt64] {
        let half = cut(after: level).edges
        return syndrome(of: bits, bounds: [UInt32(half.lowerBound), UInt32(half.upperBound)])
    }

    /// Brings a syndrome from `level` to the next one with what `addedSyndrome` told.
    ///
    /// - Precondition: `syndrome` is one of `level`, `added` has `rowWords` words.
    public func refine(_ syndrome: inout [UInt64], from level: Int, with added: [UInt64]) {
        precondition(
            added.count == rowWords && syndrome.count == rows(level: level) * rowWords, "wrong length")
        let start = cut(after: level).row * rowWords
        for word in 0..<rowWords { syndrome[start + word] ^= added[word] }
        syndrome.insert(contentsOf: added, at: start)
    }

    private func syndrome(of bits: Span<UInt64>, bounds: [UInt32]) -> [UInt64] {
        precondition(bits.count == columns * rowWords, "a frame of another length")
        return unsafe [UInt64](unsafeUninitializedCapacity: (bounds.count - 1) * rowWords) { sums, count in
            count = (bounds.count - 1) * rowWords
            unsafe bits.withUnsafeBufferPointer { bits in
                unsafe withKernelCode(bounds) {
                    unsafe qw_ldpc_syndrome($0, bits.baseAddress, sums.baseAddress)
                }
            }
        }
    }
}
