// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// A mother code for long frames: `hard` ones from 16,384 bits (65,536 or 131,072 where few are told), `soft` ones from
/// 8,192, in multiples of 64 of its blocks, to a million and more.
///
/// Its levels fill the gap to the next mother code, a block of checks at a time. All were drawn by
/// `design-codes`: column degrees from density evolution of this decoder, shifts without cycles of length 4 at the
/// smallest lift, and so at each of its multiples.
public struct LongCode: Sendable {
    /// Blocks of bits.
    public let columns: Int
    /// Rows of level 0.
    public let rows: Int
    /// How often a row can be cut.
    public let levels: Int
    /// The lift from which it serves.
    public let smallestLift: Int
    /// As `LDPCCode.init(resource:lift:)` reads it.
    let text: String

    /// The lifts that it serves: the multiples of the smallest, for what closes no cycle there closes none at them.
    public var lifts: [Int] {
        Array(stride(from: smallestLift, through: LDPCCode.resourceLift, by: smallestLift))
    }

    /// The least lift at which a frame holds `bits`; nil where none does.
    func lift(holding bits: Int) -> Int? {
        let blocks = (bits + columns * smallestLift - 1) / (columns * smallestLift)
        let lift = max(1, blocks) * smallestLift
        return lift <= LDPCCode.resourceLift ? lift : nil
    }

    /// Bits told per key bit, from the first level to the last.
    public var leaks: ClosedRange<Double> {
        Double(rows) / Double(columns)...Double(rows + levels) / Double(columns)
    }

    /// The code at a lift.
    ///
    /// - Throws: `.badInput` when `lift` isn't one of `lifts`.
    public func code(lift: Int) throws(QWaveError) -> LDPCCode {
        guard lifts.contains(lift) else {
            throw QWaveError(
                .badInput,
                "the code of \(rows) by \(columns) blocks serves lifts of \(smallestLift), \(2 * smallestLift), … "
                    + "\(LDPCCode.resourceLift), not \(lift)")
        }
        return try LDPCCode(resource: text, lift: lift)
    }

    /// The code and level for frames of `bits` bits that tell at least `leak` per bit, and the least beyond.
    ///
    /// Nil when there is none: the leak is above all of them, or `bits` is no code's length times a lift.
    public static func covering(
        leak: Double, bits: Int, soft isSoft: Bool = false
    ) -> (code: LongCode, level: Int, lift: Int)? {
        var best: (code: LongCode, level: Int, lift: Int)?
        for code in isSoft ? soft : hard
        where bits % code.columns == 0 && code.lifts.contains(bits / code.columns) {
            let needed = max(code.rows, Int((leak * Double(code.columns)).rounded(.up)))
            let level = needed - code.rows
            guard level <= code.levels else { continue }
            // Of two that leak the same, the one that is cut less decodes better.
            if let best, best.code.leak(level: best.level) < code.leak(level: level) { continue }
            if let best, best.code.leak(level: best.level) == code.leak(level: level), best.level <= level {
                continue
            }
            best = (code, level, bits / code.columns)
        }
        return best
    }

    /// Bits told per key bit at a level.
    public func leak(level: Int) -> Double { Double(rows + level) / Double(columns) }
}
