// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The cell-specific reference signal of one slot, symbol and port (3GPP TS 36.211, 6.10.1).
///
/// Every sixth tone carries one of four phases that a Gold sequence draws. The sequence is centered on the
/// carrier, so the central blocks of a wide cell read like those of a narrow one.
struct LTEReferenceSignal {
    /// Tone indices, ascending; 0, the carrier's own, is never one.
    let tones: [Int]
    let values: [IQ]

    /// - Parameters:
    ///   - slot: number in the frame, 0 to 19.
    ///   - isFirst: the slot's first symbol, or its third last.
    ///   - port: 0 or 1.
    ///   - blocks: resource blocks around the carrier, at most 110; an odd number is read like the standard's.
    init(cell: LTECell, slot: Int, isFirst: Bool, port: Int, blocks: Int) {
        let symbol = isFirst ? 0 : cell.cyclicPrefix.symbols - 3
        let identity = UInt32(cell.identity)
        let place = UInt32(7 * (slot + 1) + symbol + 1)
        let prefix: UInt32 = cell.cyclicPrefix == .normal ? 1 : 0
        let bits = GoldSequence.bits(
            seed: place << 10 &* (2 * identity + 1) &+ 2 * identity + prefix, count: 440)
        let shift = ((isFirst == (port == 0) ? 0 : 3) + cell.identity) % 6
        let half = Float(0.5).squareRoot()
        tones = (-blocks..<blocks).map { Self.tone(6 * $0 + shift) }
        values = (110 - blocks..<110 + blocks).map {
            IQ(half * (1 - 2 * Float(bits[2 * $0])), half * (1 - 2 * Float(bits[2 * $0 + 1])))
        }
    }

    /// Tone indices of both symbols and of either port, ascending.
    static func tones(cell: LTECell, blocks: Int) -> [Int] {
        (-2 * blocks..<2 * blocks).map { tone(3 * $0 + cell.identity % 3) }
    }

    /// A subcarrier's tone index: the carrier's own is passed over.
    private static func tone(_ subcarrier: Int) -> Int { subcarrier < 0 ? subcarrier : subcarrier + 1 }
}
