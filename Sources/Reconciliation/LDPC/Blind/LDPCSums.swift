// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels
internal import QWaveCore

/// Between frames one behind the other and the decoder's lanes, and between syndromes and what is said of them.
///
/// Said is not each row's parity but the parity of all edges before each boundary: a row's is the sum of those at
/// its two ends, and a new boundary adds one value without changing another. Boundaries count in the order in
/// which they come: those of level 0, then the cuts. A frame's sums are packed words, `rowBits` bits a boundary.
struct LDPCSums: Sendable {
    let plan: LDPCPlan
    let level: Int
    /// For each row of the level, which boundary ends it.
    private let endOfRow: [Int32]
    /// Words of a frame's sums.
    let stride: Int

    /// Boundaries, and so sums, of the level.
    var count: Int { endOfRow.count }

    init(_ plan: LDPCPlan, level: Int) {
        self.plan = plan
        self.level = level
        let code = plan.code
        let base = code.baseBoundaries.dropFirst()
        let ends = (Array(base) + code.cuts.prefix(level)).enumerated().sorted { $0.element < $1.element }
        endOfRow = ends.map { Int32($0.offset) }
        stride = (code.rows(level: code.levels) * plan.rowBits + 63) / 64
    }

    /// How many frames the decoder takes at once.
    var lanes: Int { plan.lanes }

    /// Writes the bits of up to `lanes` frames as the decoder's words.
    func spread(_ group: ArraySlice<Int32>, of frames: LDPCFrames, into block: inout [UInt64]) {
        if plan.code.isShifted {
            let start = Int(group.first!) * frames.stride
            for word in 0..<frames.wordCount { block[word] = frames.words[start + word] }
            return
        }
        var square = [UInt64](repeating: 0, count: 64)
        for word in 0..<frames.wordCount {
            for (lane, frame) in group.enumerated() {
                square[lane] = frames.words[Int(frame) * frames.stride + word]
            }
            for lane in group.count..<64 { square[lane] = 0 }
            transpose64(&square)
            for bit in 0..<min(64, plan.codeBits - 64 * word) { block[64 * word + bit] = square[bit] }
        }
    }

    /// The reverse for one frame set: adds the decoder's decisions to the bits of the lanes in `mask`.
    func gather(
        _ decisions: Span<UInt64>, _ group: ArraySlice<Int32>, mask: UInt64, into frames: inout LDPCFrames
    ) {
        if plan.code.isShifted {
            let start = Int(group.first!) * frames.stride
            for word in 0..<frames.wordCount { frames.words[start + word] ^= decisions[word] }
            return
        }
        var square = [UInt64](repeating: 0, count: 64)
        for word in 0..<frames.wordCount {
            for bit in 0..<64 {
                square[bit] = 64 * word + bit < plan.codeBits ? decisions[64 * word + bit] : 0
            }
            transpose64(&square)
            for (lane, frame) in group.enumerated() where mask >> UInt64(lane) & 1 != 0 {
                frames.words[Int(frame) * frames.stride + word] ^= square[lane]
            }
        }
    }

    /// Adds the sums of up to `lanes` frames to those in `sums`, from the boundary `first` on.
    ///
    /// - Parameter block: the frames' bits, as `spread` wrote them.
    func add(_ block: [UInt64], of group: ArraySlice<Int32>, from first: Int, to sums: inout [UInt64]) {
        let rows = plan.code.syndrome(of: block.span, level: level)
        let words = plan.code.rowWords
        if plan.code.isShifted {
            let base = Int(group.first!) * stride
            var sum = [UInt64](repeating: 0, count: words)
            for (row, end) in endOfRow.enumerated() {
                for word in 0..<words {
                    sum[word] ^= rows[row * words + word]
                    if end >= first { sums[base + Int(end) * words + word] ^= sum[word] }
                }
            }
            return
        }
        var byBoundary = [UInt64](repeating: 0, count: (count + 63) & ~63)
        var sum: UInt64 = 0
        for (row, end) in endOfRow.enumerated() {
            sum ^= rows[row]
            byBoundary[Int(end)] = sum
        }
        var square = [UInt64](repeating: 0, count: 64)
        for word in first / 64..<byBoundary.count / 64 {
            for bit in 0..<64 { square[bit] = 64 * word + bit >= first ? byBoundary[64 * word + bit] : 0 }
            transpose64(&square)
            for (lane, frame) in group.enumerated() { sums[Int(frame) * stride + word] ^= square[lane] }
        }
    }

    /// The decoder's syndrome of up to `lanes` frames.
    func syndrome(_ group: ArraySlice<Int32>, of sums: [UInt64]) -> [UInt64] {
        let words = plan.code.rowWords
        var result = [UInt64](repeating: 0, count: count * words)
        if plan.code.isShifted {
            let base = Int(group.first!) * stride
            for (row, end) in endOfRow.enumerated() {
                for word in 0..<words {
                    result[row * words + word] = sums[base + Int(end) * words + word]
                    if row > 0 {
                        result[row * words + word] ^= sums[base + Int(endOfRow[row - 1]) * words + word]
                    }
                }
            }
            return result
        }
        var byBoundary = [UInt64](repeating: 0, count: (count + 63) & ~63)
        var square = [UInt64](repeating: 0, count: 64)
        for word in 0..<byBoundary.count / 64 {
            for (lane, frame) in group.enumerated() { square[lane] = sums[Int(frame) * stride + word] }
            for lane in group.count..<64 { square[lane] = 0 }
            transpose64(&square)
            for bit in 0..<64 { byBoundary[64 * word + bit] = square[bit] }
        }
        var last: UInt64 = 0
        for (row, end) in endOfRow.enumerated() {
            result[row] = byBoundary[Int(end)] ^ last
            last = byBoundary[Int(end)]
        }
        return result
    }
}
