// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

/// The word kernels against bit-by-bit definitions, and the fast ones against the generic ones.
@Suite struct CascadeKernelTests {
    static let kernels: [Int32] = [0, 1]

    private func words(_ count: Int, seed: UInt64) -> [UInt64] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in random.next() }
    }

    @Test(arguments: kernels, [0, 1, 2, 3, 63, 64, 65, 200])
    func `a prefix is the parity of all bits before`(kernel: Int32, count: Int) {
        let input = words(count, seed: UInt64(count) &+ 1)
        var output = [UInt64](repeating: 0, count: count)
        unsafe qw_cascade_prefix(kernel, &output, input, count)
        var parity: UInt64 = 0
        for index in 0..<count * 64 {
            #expect(output[index / 64] >> UInt64(index % 64) & 1 == parity)
            parity ^= input[index / 64] >> UInt64(index % 64) & 1
        }
    }

    @Test(arguments: kernels)
    func `a transposition swaps word and bit`(kernel: Int32) {
        for seed in 0..<10 as Range<UInt64> {
            let input = words(64, seed: seed)
            var tile = input
            unsafe qw_cascade_transpose(kernel, &tile)
            for word in 0..<64 {
                for bit in 0..<64 {
                    #expect(tile[word] >> UInt64(bit) & 1 == input[bit] >> UInt64(word) & 1)
                }
            }
        }
    }

    @Test(arguments: kernels)
    func `squeezing keeps the masked bits in order`(kernel: Int32) {
        let values = words(200, seed: 1)
        var masks = words(200, seed: 2)
        masks.replaceSubrange(0..<4, with: [0, .max, 1, 1 << 63])
        for (word, mask) in zip(values, masks) {
            var expected: UInt64 = 0
            var place: UInt64 = 0
            for bit in 0..<64 as Range<UInt64> where mask >> bit & 1 == 1 {
                expected |= (word >> bit & 1) << place
                place += 1
            }
            #expect(qw_cascade_squeeze(kernel, word, mask) == expected)
        }
    }

    @Test(arguments: Cascade.Variant.allCases)
    func `the generic and the fast search ask the same and say the same`(variant: Cascade.Variant) throws {
        for (count, rate) in [(1, 0.1), (65, 0.2), (3000, 0.04), (9000, 0.13), (3000, 0.3), (20_000, 0.02)] {
            let pair = RawPair(count: count, errorRate: rate, seed: UInt64(count))
            let fast = try Cascade(variant).search(pair.responder, seed: 5, corrects: true)
            let generic = try Cascade(variant).search(pair.responder, seed: 5, corrects: true, kernel: 1)
            let reference = try Cascade(variant).search(pair.initiator, seed: 5)
            var buffers = CascadeBuffers()
            while fast.questionCount > 0 {
                let said = reference.say(header: [])
                let answer = fast.answer(type: 0, said, at: 0, in: &buffers)
                #expect(answer == generic.answer(type: 0, said, at: 0, in: &buffers))
                try fast.take(answer, at: 1)
                try generic.take(answer, at: 1)
                try reference.take(answer, at: 1)
            }
            #expect(generic.questionCount == 0 && reference.questionCount == 0)
            #expect(fast.correctedKey() == generic.correctedKey())
            #expect(fast.asked == generic.asked && fast.rounds == generic.rounds)
        }
    }

    /// Multiplication in GF(2)[x]/(x^64+x^4+x^3+x+1), bit by bit.
    private func product(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var result: UInt64 = 0
        for bit in (0..<64 as Range<UInt64>).reversed() {
            result = result << 1 ^ (result >> 63 == 1 ? 0b11011 : 0)
            if b >> bit & 1 == 1 { result ^= a }
        }
        return result
    }

    @Test func `subsets are those of the polynomial hash`() throws {
        let pair = RawPair(count: 700, errorRate: 0.03, seed: 3)
        let search = try Cascade().search(
            RawKey(bits: pair.errors, frames: pair.initiator.frames), seed: 77, corrects: true)
        while search.questionCount > 0, !search.questions.contains(where: { $0.tree < 0 }) {
            try search.take(search.say(header: []), at: 0)
        }
        #expect(search.questionCount > 0)
        // The block's second kind of randomness: stream 2^32 of SplitMix64 under the seed.
        var state = CascadePlan.mix(77 ^ CascadePlan.mix((1 << 32) &+ 0x9E37_79B9_7F4A_7C15))
        func draw() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            return CascadePlan.mix(state)
        }
        let point = draw()
        let factor = draw() | 1 << 63
        let words = search.positions(of: 0) / 64
        for position in stride(from: 0, to: words * 64, by: 7) {
            var element = factor
            for _ in position / 64..<words { element = product(element, point) }
            element = product(element, 1 << UInt64(position % 64))
            var column: UInt64 = 0
            for subset in 0..<64 as Range<UInt64> {
                column |= (element >> 63) << subset
                element = product(element, 2)
            }
            #expect(search.subsets(position) == column)
        }
    }
}
