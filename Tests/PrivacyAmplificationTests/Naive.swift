// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Fields
import PrivacyAmplification
import QWaveCore
import TestSupport

/// The product by its definition.
enum Naive {
    /// Bit by bit: y_i = Σ_j s[i − j + n − 1] x_j.
    static func bitwise(_ x: [Bool], _ s: [Bool], _ m: Int) -> [Bool] {
        let n = x.count
        return (0..<m).map { i in
            var sum = false
            for j in 0..<n where x[j] && s[i - j + n - 1] { sum.toggle() }
            return sum
        }
    }

    /// A column at a time, for larger sizes: column j of T is the seed's bits n − 1 − j and on.
    static func columns(_ x: BitString, _ s: BitString, _ m: Int) -> BitString {
        let seed = s.withWords { words in (0..<words.count).map { words[$0] } } + [0, 0]
        var sum = [UInt64](repeating: 0, count: (m + 63) / 64)
        for j in 0..<x.count where x[j] {
            let start = x.count - 1 - j
            let (word, shift) = (start >> 6, UInt64(start & 63))
            for k in sum.indices {
                sum[k] ^= seed[word + k] >> shift ^ (seed[word + k + 1] << 1) << (63 - shift)
            }
        }
        return BitString(words: sum, count: m)
    }

    static func hash(_ x: BitString, _ s: BitString, _ m: Int, _ form: ToeplitzHash.Form) -> BitString {
        switch form {
        case .plain: return columns(x, s, m)
        case .modified:
            let split = x.count - m
            return columns(x[0..<split], s, m) ^ x[split..<x.count]
        }
    }
}

/// What every test of the hash goes through.
struct Variant: CustomStringConvertible {
    var kernel: ClmulKernel
    var method: ToeplitzHash.Method
    var description: String { "\(kernel), \(method)" }

    /// Each kernel of this machine with each method; `automatic` only where it stands for neither.
    static let all: [Variant] = ClmulKernel.available.flatMap { kernel in
        [.recursion, .transform].map { Variant(kernel: kernel, method: $0) }
    }

    func hash(_ form: ToeplitzHash.Form, threads: Int = 1) -> ToeplitzHash {
        ToeplitzHash(form: form, threads: threads, kernel: kernel, method: method)
    }

    /// The kernel itself, added to `output`.
    func add(
        to output: inout [UInt64], _ x: BitString, from inputOffset: Int = 0, n: Int, _ s: BitString,
        from seedOffset: Int = 0, m: Int, threads: Int32 = 1
    ) -> Int32 {
        x.withWords { x in
            s.withWords { s in
                unsafe x.withUnsafeBufferPointer { x in
                    unsafe s.withUnsafeBufferPointer { s in
                        var product = unsafe qw_toeplitz_product(
                            kernel: kernel.rawValue, method: method.rawValue, threads: threads, m: m, n: n,
                            input: x.baseAddress, input_offset: inputOffset, seed: s.baseAddress,
                            seed_offset: seedOffset)
                        return unsafe qw_toeplitz_add(&output, &product)
                    }
                }
            }
        }
    }
}
