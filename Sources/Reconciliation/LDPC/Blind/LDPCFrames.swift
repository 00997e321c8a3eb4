// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels
internal import QWaveCore

/// One end's code frames: their bits as packed words, one frame behind the other, and what is public about them.
///
/// Bits that a frame hasn't got are zero. Wiped by `wipe()`.
struct LDPCFrames: Sendable {
    let plan: LDPCPlan
    let interleaver: LDPCInterleaver
    /// Words of a frame's bits.
    let wordCount: Int
    /// Words from one frame to the next: odd, or all frames would meet in one set of the cache.
    let stride: Int
    var words: [UInt64]
    private let hashPoint: UInt64
    private let hashFactor: UInt64

    init(_ key: RawKey, plan: LDPCPlan, seed: UInt64) {
        self.plan = plan
        interleaver = LDPCInterleaver(key, plan: plan, seed: seed)
        wordCount = (plan.codeBits + 63) / 64
        stride = wordCount | 1
        // Public like the seed that they come from: they decide when to stop, not whether the keys are equal.
        var random = PublicShuffle(seed: seed, stream: 0x4841_5348)
        hashPoint = random.next()
        hashFactor = random.next()
        words = Self.gather(key.bits, interleaver, stride: stride)
    }

    private static func gather(_ bits: BitString, _ interleaver: LDPCInterleaver, stride: Int) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: interleaver.frameCount * stride)
        bits.withWords { bits in
            var next = 0
            for target in interleaver.codeBit {
                let shift = UInt64(target & 63)
                var word = Int(target) >> 6
                let end = min(next &+ interleaver.frameCount, interleaver.order.count)
                while next < end {
                    let bit = interleaver.order[next]
                    words[word] |= (bits[Int(bit) >> 6] >> UInt64(bit & 63) & 1) << shift
                    word &+= stride
                    next &+= 1
                }
            }
        }
        return words
    }

    /// The raw key's bits, in its own order.
    func unshuffled() -> BitString {
        var result = BitString(count: plan.bitCount)
        result.withMutableWords { bits in
            var next = 0
            for source in interleaver.codeBit {
                let shift = UInt64(source & 63)
                var word = Int(source) >> 6
                let end = min(next &+ interleaver.frameCount, interleaver.order.count)
                while next < end {
                    let bit = interleaver.order[next]
                    bits[Int(bit) >> 6] |= (words[word] >> shift & 1) << UInt64(bit & 63)
                    word &+= stride
                    next &+= 1
                }
            }
        }
        return result
    }

    /// The hash of a frame: a polynomial over GF(2⁶⁴), times a second element, cut to the plan's bits.
    func hash(_ frame: Int) -> UInt64 {
        let full = unsafe words.withUnsafeBufferPointer {
            unsafe qw_gf64_horner(0, 0, hashPoint, $0.baseAddress! + frame * stride, wordCount)
        }
        return qw_gf64_multiply(0, full, hashFactor) & (1 << UInt64(plan.hashBits) - 1)
    }

    /// The bit of a frame at one of its places.
    func bit(_ place: Int, of frame: Int) -> UInt64 {
        let source = Int(interleaver.codeBit[place])
        return words[frame * stride + source >> 6] >> UInt64(source & 63) & 1
    }

    mutating func setBit(_ place: Int, of frame: Int, to value: UInt64) {
        let target = Int(interleaver.codeBit[place])
        words[frame * stride + target >> 6] &= ~(1 << UInt64(target & 63))
        words[frame * stride + target >> 6] |= value << UInt64(target & 63)
    }

    /// Overwrites the bits.
    mutating func wipe() {
        unsafe words.withUnsafeMutableBytes { unsafe qw_wipe($0.baseAddress, $0.count) }
    }
}
