// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The signals of an LTE cell that don't depend on what it sends to anyone: synchronization and cell-specific
/// reference signals (3GPP TS 36.211, 6.10.1 and 6.11), as a sender of them or a test's reference makes them.
///
/// Tones without these signals are silent. Samples have the unit in which a cell that sends power 1 on each tone
/// of all its blocks has a mean power of 1. In time division, uplink subframes are not told and carry the
/// reference signal like all others.
public struct LTEDownlink: Sendable {
    public let cell: LTECell
    /// Resource blocks: 6, 15, 25, 50, 75 or 100.
    public let blocks: Int
    private let grid: LTEGrid

    /// - Throws: `.usage` for a number of blocks that no channel has.
    public init(cell: LTECell, blocks: Int = 6) throws(QWaveError) {
        guard let index = LTEGrid.blocks.firstIndex(of: blocks) else {
            throw QWaveError(.usage, "no LTE channel has \(blocks) blocks; there are \(LTEGrid.blocks)")
        }
        self.cell = cell
        self.blocks = blocks
        grid = LTEGrid(fftLength: LTEGrid.fftLengths[index], prefix: cell.cyclicPrefix)
    }

    /// Samples per second: 1.92 MHz for 6 blocks up to 30.72 MHz for 100.
    public var sampleRate: Double { LTEGrid.spacing * Double(grid.fftLength) }
    /// Samples of a frame of 10 ms.
    public var frameLength: Int { grid.frame }

    /// One frame as a port sends it. Synchronization signals are sent by port 0.
    ///
    /// - Precondition: the cell has the port.
    public func frame(port: Int = 0) -> [IQ] {
        precondition(port >= 0 && port < cell.ports, "the cell has no such port")
        var samples = [IQ](repeating: .zero, count: grid.frame)
        for slot in 0..<20 {
            for isFirst in [true, false] {
                let signal = LTEReferenceSignal(
                    cell: cell, slot: slot, isFirst: isFirst, port: port, blocks: blocks)
                add(
                    signal.tones, signal.values, slot * grid.slot,
                    symbol: isFirst ? 0 : cell.cyclicPrefix.symbols - 3, to: &samples)
            }
        }
        guard port == 0 else { return samples }
        for half in 0..<2 {
            let start = half * 10 * grid.slot
            let last = cell.cyclicPrefix.symbols - 1
            let secondary = LTESecondarySignal.values(
                group: cell.group, sector: cell.sector, secondHalf: half == 1
            ).map { IQ($0, 0) }
            let primary = LTEPrimarySignal.values(cell.sector)
            let isPaired = cell.duplex == .fdd
            add(
                LTEPrimarySignal.tones, primary, start + (isPaired ? 0 : 2 * grid.slot),
                symbol: isPaired ? last : 2, to: &samples)
            add(
                LTEPrimarySignal.tones, secondary, start + (isPaired ? 0 : grid.slot),
                symbol: isPaired ? last - 1 : last, to: &samples)
        }
        return samples
    }

    private func add(
        _ tones: [Int], _ values: [IQ], _ slotStart: Int, symbol: Int, to samples: inout [IQ]
    ) {
        // `ToneGrid` makes power 1 of whatever it is given; here each tone has its share of the whole channel's.
        let power = values.reduce(0) { $0 + $1.power } / Float(12 * blocks)
        let body = ToneGrid.samples(tones: tones, values: values, fftLength: grid.fftLength)
            .map { $0 * power.squareRoot() }
        let whole = ToneGrid.guarded(body, guardLength: grid.guardLength(symbol))
        let start = slotStart + grid.start(symbol) - grid.guardLength(symbol)
        for (index, sample) in whole.enumerated() {
            samples[start + index] = samples[start + index] + sample
        }
    }
}
