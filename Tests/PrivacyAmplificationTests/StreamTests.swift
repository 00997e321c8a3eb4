// SPDX-License-Identifier: GPL-3.0-or-later
import PrivacyAmplification
import QWaveCore
import TestSupport
import Testing

@Suite struct StreamTests {
    /// The stream's result for pieces of these lengths.
    func streamed(
        _ hash: ToeplitzHash, _ key: BitString, _ seed: BitString, _ m: Int, block: Int?,
        pieces: [Int]
    ) throws -> BitString {
        var stream = try ToeplitzStream(
            hash, inputBits: key.count, outputBits: m, blockBits: block, seed: { seed[$0] })
        var position = 0
        for piece in pieces {
            try stream.append(key[position..<position + piece])
            position += piece
        }
        try stream.append(key[position..<key.count])
        return try stream.finish()
    }

    @Test(arguments: ToeplitzHashTests.forms)
    func `hashed in pieces, whatever they are, a key gives the hash of the whole`(
        form: ToeplitzHash.Form
    ) throws {
        var random = SplitMix64(seed: 31)
        for (n, m) in [(1, 1), (64, 64), (65, 1), (1000, 500), (1025, 1000), (9999, 3), (70_001, 30_000)] {
            let hash = ToeplitzHash(form: form)
            let length = try hash.seedBits(inputBits: n, outputBits: m)
            let key = BitString.seeded(count: n, seed: UInt64(n))
            let seed = BitString.seeded(count: length, seed: UInt64(m))
            let whole = try hash.hash(key, seed: seed, outputBits: m)
            for round in 0..<25 {
                let block = round % 3 == 0 ? nil : Int.random(in: 1...n, using: &random)
                // Blocks of a few bits take as many products.
                if let block, n / block > 300 { continue }
                var pieces: [Int] = []
                var left = n
                while left > 0, pieces.count < 40 {
                    pieces.append(Int.random(in: 0...left, using: &random))
                    left -= pieces[pieces.count - 1]
                }
                #expect(
                    try streamed(hash, key, seed, m, block: block, pieces: pieces) == whole,
                    "\(n) to \(m) in blocks of \(block ?? 0): \(pieces)")
            }
        }
    }

    @Test func `bit by bit gives the hash of the whole`() throws {
        let hash = ToeplitzHash()
        let key = BitString.seeded(count: 700, seed: 1)
        let seed = BitString.seeded(count: 699, seed: 2)
        let whole = try hash.hash(key, seed: seed, outputBits: 333)
        let pieces = [Int](repeating: 1, count: 700)
        #expect(try streamed(hash, key, seed, 333, block: nil, pieces: pieces) == whole)
        #expect(try streamed(hash, key, seed, 333, block: 64, pieces: pieces) == whole)
    }

    @Test func `the windows go down the seed, and each is no longer than a block asks for`() throws {
        let (n, m, block) = (5000, 700, 1000)
        let seed = BitString.seeded(count: n - 1, seed: 3)
        var windows: [Range<Int>] = []
        var stream = try ToeplitzStream(ToeplitzHash(), inputBits: n, outputBits: m, blockBits: block) {
            windows.append($0)
            return seed[$0]
        }
        try stream.append(.seeded(count: n, seed: 4))
        _ = try stream.finish()
        #expect(windows == [3300..<4999, 2300..<3999, 1300..<2999, 300..<1999, 0..<999])
    }

    @Test func `too many bits, too few, and windows of another length are refused`() throws {
        func stream(_ seed: @escaping ToeplitzStream.SeedWindow) throws(QWaveError) -> ToeplitzStream {
            try ToeplitzStream(ToeplitzHash(form: .plain), inputBits: 100, outputBits: 40, seed: seed)
        }
        func refuses(_ body: () throws -> Void) {
            #expect {
                try body()
            } throws: {
                ($0 as? QWaveError)?.code == .badInput
            }
        }
        refuses {
            var stream = try stream { BitString(count: $0.count) }
            try stream.append(BitString(count: 60))
            try stream.append(BitString(count: 41))
        }
        refuses {
            var stream = try stream { BitString(count: $0.count) }
            try stream.append(BitString(count: 99))
            _ = try stream.finish()
        }
        for wrong in [-1, 1] {
            refuses {
                var stream = try stream { BitString(count: $0.count + wrong) }
                try stream.append(BitString(count: 100))
            }
        }
        refuses {
            _ = try ToeplitzStream(ToeplitzHash(), inputBits: 10, outputBits: 11, seed: { _ in BitString() })
        }
    }

    @Test func `what the seed's reader throws comes through`() throws {
        var stream = try ToeplitzStream(ToeplitzHash(), inputBits: 100, outputBits: 40) {
            _ throws(QWaveError) in
            throw QWaveError(.storage, "the disk is gone")
        }
        #expect {
            try stream.append(BitString(count: 100))
        } throws: {
            ($0 as? QWaveError)?.code == .storage
        }
    }
}
