// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import OneTimePad

@Suite struct ChecksumTests {
    @Test func `the published check value of CRC-64/XZ comes out, in one piece and in two`() {
        let text = Array("123456789".utf8)
        #expect(Checksum.of(text) == 0x995D_C9BB_DF19_39FA)
        #expect(
            Checksum.of(Array(text[4...]), after: Checksum.of(Array(text[..<4]))) == 0x995D_C9BB_DF19_39FA)
    }
}
