// SPDX-License-Identifier: GPL-3.0-or-later

/// Where symbols stand in a slot at a sample rate of 15 kHz times `fftLength` (3GPP TS 36.211, 6.12).
struct LTEGrid: Sendable {
    let fftLength: Int
    let prefix: LTECell.CyclicPrefix

    static let spacing = 15e3
    /// Transforms that the standard's channel widths have, 1.4 to 20 MHz.
    static let fftLengths = [128, 256, 512, 1024, 1536, 2048]
    /// Resource blocks of those widths.
    static let blocks = [6, 15, 25, 50, 75, 100]

    /// Samples of 0.5 ms.
    var slot: Int { fftLength * 15 / 2 }
    var subframe: Int { 2 * slot }
    var frame: Int { 20 * slot }

    /// The guard interval of a symbol.
    func guardLength(_ symbol: Int) -> Int {
        switch prefix {
        case .normal: fftLength * (symbol == 0 ? 10 : 9) / 128
        case .extended: fftLength / 4
        }
    }

    /// First sample of a symbol behind its guard interval, from the start of its slot.
    func start(_ symbol: Int) -> Int {
        guardLength(0) + symbol * (fftLength + guardLength(1))
    }

    /// Where the primary signal of a half frame starts, from the half frame's start (6.11.1.2).
    func primaryStart(_ duplex: LTECell.Duplex) -> Int {
        duplex == .fdd ? start(prefix.symbols - 1) : 2 * slot + start(2)
    }

    /// Where the secondary signal starts (6.11.2.2).
    func secondaryStart(_ duplex: LTECell.Duplex) -> Int {
        duplex == .fdd ? start(prefix.symbols - 2) : slot + start(prefix.symbols - 1)
    }

    /// Symbols of a slot with the reference signals of ports 0 and 1 (6.10.1.2).
    var referenceSymbols: [Int] { [0, prefix.symbols - 3] }
}
