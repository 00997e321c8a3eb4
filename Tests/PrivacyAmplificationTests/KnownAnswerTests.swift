// SPDX-License-Identifier: GPL-3.0-or-later
import PrivacyAmplification
import QWaveCore
import TestSupport
import Testing

/// Results of another program: a Python script that multiplies integers with 24 bits for each coefficient and takes the
/// parities of the middle ones. Key and seed are SplitMix64's words for the seeds 1 and 2; the digest is FNV-1a over
/// the output's bytes.
@Suite struct KnownAnswerTests {
    static let answers: [(n: Int, m: Int, plain: UInt64, modified: UInt64)] = [
        (1000, 500, 0xe72f_f6fd_028d_ff56, 0x6a40_54d0_a420_a618),
        (100_003, 49_999, 0x73b0_28ff_a32a_f959, 0x4f83_cfa9_2f50_9948),
        (1_000_000, 500_000, 0x76e7_43bc_b9bd_af71, 0x3fdb_795b_f3bf_bb0c),
    ]

    func digest(_ bits: BitString) -> UInt64 {
        bits.bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    @Test(arguments: answers)
    func `the hash is the one that another program finds`(
        answer: (n: Int, m: Int, plain: UInt64, modified: UInt64)
    ) throws {
        let key = BitString.seeded(count: answer.n, seed: 1)
        for (form, expected) in [(ToeplitzHash.Form.plain, answer.plain), (.modified, answer.modified)] {
            for threads in 1...2 {
                let hash = ToeplitzHash(form: form, threads: threads)
                let length = try hash.seedBits(inputBits: answer.n, outputBits: answer.m)
                let seed = BitString.seeded(count: length, seed: 2)
                #expect(digest(try hash.hash(key, seed: seed, outputBits: answer.m)) == expected)
            }
        }
    }
}
