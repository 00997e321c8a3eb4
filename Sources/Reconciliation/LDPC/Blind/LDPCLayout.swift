// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Synchronization

/// How a raw key is divided: how many frames, how long, and which code.
struct LDPCLayout: Sendable {
    var frameCount: Int
    /// Bits of the longest frames; the others have one less.
    var longest: Int
    var code: LDPCCode
    var tuning: LDPCTuning

    private struct LongKey: Hashable {
        var isSoft: Bool
        var number: Int
        var lift: Int
    }
    private static let longCodes = Mutex<[LongKey: LDPCCode]>([:])

    /// - Parameters:
    ///   - need: that of a bit.
    ///   - isSoft: whether the frames are told with soft entropies; other codes serve them.
    init(bits: Int, need: LDPCNeed, isSoft: Bool, options: LDPC) throws(QWaveError) {
        let wanted = max(1, options.frameBits ?? Self.automatic(bits, isSoft))
        if wanted > LDPC.shortLimit, bits > LDPC.shortLimit,
            let long = try Self.long(bits: bits, wanted: wanted, need: need, isSoft: isSoft, options: options)
        {
            self = long
            return
        }
        let limit = min(wanted, LDPC.shortLimit)
        frameCount = (bits + limit - 1) / limit
        longest = frameCount == 0 ? 0 : (bits + frameCount - 1) / frameCount
        tuning = options.tuning
        let columns = Self.shortColumns(longest)
        let first = Self.first(tuning, need, longest)
        // A few cuts before the first syndrome leave few codes to be kept.
        let granule = max(1, columns / 64)
        code = try ShortCode.code(columns: columns, rows: max(granule, first / granule * granule))
    }

    private init(frameCount: Int, longest: Int, code: LDPCCode, tuning: LDPCTuning) {
        self.frameCount = frameCount
        self.longest = longest
        self.code = code
        self.tuning = tuning
    }

    /// Frames as long as short codes go, unless the key fills a long one.
    private static func automatic(_ bits: Int, _ isSoft: Bool) -> Int {
        isSoft
            ? (bits < 6_144 ? LDPC.shortLimit : 1 << 18)
            : (bits < 12_288 ? LDPC.shortLimit : 1 << 16)
    }

    /// Bits of the first syndrome of a frame of `longest` bits.
    private static func first(_ tuning: LDPCTuning, _ need: LDPCNeed, _ longest: Int) -> Int {
        let whole = need * Double(longest)
        return tuning.rounds(need: whole, bits: longest, granule: 1, least: 1, limit: max(1, longest)).first
            ?? longest
    }

    /// Columns of the code for a frame: few lengths, so that codes can be kept, yet few known zeros.
    static func shortColumns(_ bits: Int) -> Int {
        var granule = 4
        while granule * 64 < bits { granule *= 2 }
        return max(16, (bits + granule - 1) / granule * granule)
    }

    /// The long code that the frames nearly fill, of many blocks, and that is cut least before the first syndrome; nil
    /// where none holds them well, or leaks so little or so much.
    private static func long(
        bits: Int, wanted: Int, need: LDPCNeed, isSoft: Bool, options: LDPC
    ) throws(QWaveError) -> LDPCLayout? {
        let frameCount = (bits + wanted - 1) / wanted
        let longest = (bits + frameCount - 1) / frameCount
        let codes = isSoft ? LongCode.soft : LongCode.hard
        var tuning = options.longTuning(soft: isSoft)
        if longest >= LDPC.slowFrames {
            tuning.firstIterations = max(tuning.firstIterations, LDPC.slowIterations)
            tuning.iterations = max(tuning.iterations, LDPC.slowIterations)
        }
        let first = first(tuning, need, longest)
        var best: (number: Int, lift: Int, rank: [Int])?
        for (number, code) in codes.enumerated() {
            // A code of which much is known to be zero isn't the one that was designed.
            guard let lift = code.lift(holding: longest) else { continue }
            let size = lift * code.columns
            guard isSoft ? 2 * size <= 3 * longest : 3 * size <= 4 * longest else { continue }
            let cuts = (first + lift - 1) / lift - code.rows
            // Below the least mother code a little too much may be told; short codes tell more.
            guard cuts <= code.levels, cuts >= 0 || isSoft && -8 * cuts <= code.rows else { continue }
            // Of those that are nearly filled the one of most blocks, whose steps are finest; else the fullest.
            let isFull = 8 * longest >= 7 * size
            let rank = [isFull ? 0 : 1, isFull ? lift : size, cuts < 0 ? 1 : 0, abs(cuts)]
            if let best, !rank.lexicographicallyPrecedes(best.rank) { continue }
            best = (number, lift, rank)
        }
        guard let best else { return nil }
        let key = LongKey(isSoft: isSoft, number: best.number, lift: best.lift)
        let code: LDPCCode
        if let known = longCodes.withLock({ $0[key] }) {
            code = known
        } else {
            code = try codes[best.number].code(lift: best.lift).cutFurther()
            longCodes.withLock { $0[key] = code }
        }
        return LDPCLayout(frameCount: frameCount, longest: longest, code: code, tuning: tuning)
    }
}
