// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The division of a raw key into code frames and what each round tells of them.
///
/// A function of the public frames and of the options alone; both ends compare its digest before anything is told.
struct LDPCPlan: Sendable {
    let bitCount: Int
    let frameCount: Int
    /// Bits of the longest frames; the others have one less.
    let longest: Int
    let code: LDPCCode
    /// Syndrome bits of a frame that are known after each round. When all are spent, the bits themselves are told.
    let rounds: [Int]
    let hashBits: Int
    let tuning: LDPCTuning
    /// Bits that may be told of the whole block at the most.
    let leakLimit: Int
    /// Messages of the initiator at the most.
    let messageLimit: Int
    let digest: UInt64

    /// Bits of one frame of the code, those included that are known to be zero.
    var codeBits: Int { code.isShifted ? code.bitCount : code.columns }
    /// Syndrome bits of a row.
    var rowBits: Int { code.isShifted ? code.lift : 1 }
    /// How many frames the decoder takes at once.
    var lanes: Int { code.isShifted ? 1 : 64 }
    /// Frames that have `longest` bits: the first ones.
    var longFrames: Int { bitCount - frameCount * (longest - 1) }
    func length(of frame: Int) -> Int { frame < longFrames ? longest : longest - 1 }
    func level(syndromeBits: Int) -> Int { syndromeBits / rowBits - code.rows(level: 0) }

    init(_ key: RawKey, options: LDPC) throws(QWaveError) {
        try key.checkFrames()
        bitCount = key.bits.count
        digest = Self.digest(key, options)
        leakLimit = options.maximumLeak >= 0 ? Int(min(1, options.maximumLeak) * Double(bitCount)) : 0
        messageLimit = max(1, options.maximumRounds)
        let total = key.frames.reduce(LDPCNeed.zero) { $0 + LDPCNeed($1) * Double($1.range.count) }
        let share = bitCount == 0 ? 0 : 1 / Double(bitCount)
        let isSoft = key.frames.contains { $0.softEntropy != nil && !$0.range.isEmpty }
        let layout = try LDPCLayout(bits: bitCount, need: total * share, isSoft: isSoft, options: options)
        frameCount = layout.frameCount
        longest = layout.longest
        code = layout.code
        tuning = layout.tuning
        hashBits =
            options.hashBits ?? Self.hashBits(frames: frameCount, bits: longest, isLong: code.isShifted)
        let limit = longest - longest / 50 - hashBits
        let rowBits = code.isShifted ? code.lift : 1
        rounds = tuning.rounds(
            need: total * share * Double(longest), bits: longest, granule: rowBits,
            least: code.rows(level: 0) * rowBits, limit: min(limit, code.rows(level: code.levels) * rowBits))
    }

    /// Hash bits that keep the probability of a wrong frame in a block below 2^-20.
    ///
    /// Two tries a frame on the average; a try ends with a wrong codeword in less than 1.6 % of the cases from
    /// 512 bits on, 3.2 % from 256, and 13 % below (measured: 0.3, 1.8 and 5 %). Long frames are tried up to some
    /// twenty times, which four bits pay for. Verification decides in the end, not this hash.
    private static func hashBits(frames: Int, bits: Int, isLong: Bool) -> Int {
        var result = 21 - (isLong ? 2 : bits >= 512 ? 6 : bits >= 256 ? 5 : 3)
        var covered = 1
        while covered < frames {
            covered *= 2
            result += 1
        }
        return result
    }

    private static func digest(_ key: RawKey, _ options: LDPC) -> UInt64 {
        var digest = PublicShuffle.mix(UInt64(key.bits.count) &+ 1)
        func add(_ word: UInt64) { digest = PublicShuffle.mix(digest ^ word) &+ 0x9E37_79B9_7F4A_7C15 }
        add(UInt64(bitPattern: Int64(options.frameBits ?? 0)))
        add(UInt64(bitPattern: Int64(options.hashBits ?? -1)))
        add(UInt64(bitPattern: Int64(options.maximumRounds)))
        add(options.maximumLeak.bitPattern)
        add(UInt64(options.emphasis.rawValue))
        for frame in key.frames where !frame.range.isEmpty {
            add(UInt64(frame.range.lowerBound))
            add(UInt64(frame.range.upperBound))
            add(frame.errorRate.bitPattern)
            add(frame.softEntropy?.bitPattern ?? 1)
        }
        return digest
    }
}
