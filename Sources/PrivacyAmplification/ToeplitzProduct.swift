// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels
internal import Fields
internal import QWaveCore

/// The kernels' product of a Toeplitz matrix and a run of bits.
struct ToeplitzProduct {
    var kernel: ClmulKernel
    var method: ToeplitzHash.Method
    var threads: Int

    /// output ^= T·x: the `columns` bits of `input` from `inputOffset` on, by the matrix of m rows whose seed bits
    /// begin at `seedOffset`.
    ///
    /// Throws `.unavailable` when there is no memory.
    ///
    /// - Precondition: `input` and `seed` hold those bits, and `output` m of them.
    func add(
        to output: inout BitString, _ input: BitString, inputOffset: Int, columns n: Int, seed: BitString,
        seedOffset: Int
    ) throws(QWaveError) {
        let m = output.count
        guard n > 0 else { return }
        precondition(inputOffset >= 0 && inputOffset + n <= input.count, "input out of bounds")
        precondition(seedOffset >= 0 && seedOffset + n + m - 1 <= seed.count, "seed out of bounds")
        let status = output.withMutableWords { output in
            input.withWords { input in
                seed.withWords { seed in
                    unsafe output.withUnsafeMutableBufferPointer { output in
                        unsafe input.withUnsafeBufferPointer { input in
                            unsafe seed.withUnsafeBufferPointer { seed in
                                var product = unsafe qw_toeplitz_product(
                                    kernel: kernel.rawValue, method: method.rawValue, threads: Int32(threads),
                                    m: m, n: n, input: input.baseAddress, input_offset: inputOffset,
                                    seed: seed.baseAddress, seed_offset: seedOffset)
                                return unsafe qw_toeplitz_add(output.baseAddress, &product)
                            }
                        }
                    }
                }
            }
        }
        guard status == 0 else {
            throw QWaveError(
                .unavailable,
                "no memory to hash \(n) bits to \(m); use a shorter block, or hash it piece by piece")
        }
    }

    /// Fills `output` with the bits of `source` from `start` on.
    ///
    /// - Precondition: `source` holds them.
    static func copy(_ source: BitString, from start: Int, to output: inout BitString) {
        let count = output.count
        precondition(start >= 0 && start + count <= source.count, "source out of bounds")
        output.withMutableWords { output in
            source.withWords { source in
                unsafe output.withUnsafeMutableBufferPointer { output in
                    unsafe source.withUnsafeBufferPointer { source in
                        unsafe qw_copy_bits(output.baseAddress, source.baseAddress, start, count)
                    }
                }
            }
        }
    }
}
