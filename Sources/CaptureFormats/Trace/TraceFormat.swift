// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The constants of QWave's trace format, version 1. `Documentation/trace-format.md` defines every byte.
enum TraceFormat {
    /// Shows a transfer that changed line ends or the eighth bit, as PNG's signature does.
    static let magic: [UInt8] = [0x89, 0x51, 0x57, 0x54, 0x0D, 0x0A, 0x1A, 0x0A]
    static let version: UInt16 = 1
    /// Magic, version, reserved, length of the header's body.
    static let preambleLength = 16
    static let chunkHeaderLength = 24
    static let snapshotTag: UInt32 = 0x5041_4E53  // "SNAP"
    static let endTag: UInt32 = 0x2044_4E45  // "END "

    // Limits: a reader refuses more before it allocates anything.
    static let longestHeader = 1 << 20
    static let longestText = 65_535
    static let mostTones = 65_535
    static let longestChunk = 16 << 20
    /// Gains of one snapshot.
    static let mostGains = 1 << 20
    static let mostAntennas = 65_535
    /// A writer closes a chunk when it holds this many bytes.
    static let usualChunk = 64 << 10

    static let hasSequence: UInt16 = 1
    static let hasTime: UInt16 = 2

    enum HeaderFlags {
        static let spacing: UInt8 = 1
        static let fftLength: UInt8 = 2
        static let carrier: UInt8 = 4
        static let rate: UInt8 = 8
        static let noise: UInt8 = 16
        static let simulated: UInt8 = 32
        static let known: UInt8 = 63
    }

    static func matchesMagic(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    static func code(_ quantity: ChannelTrace.Quantity) -> UInt8 {
        switch quantity {
        case .complexGain: 0
        case .amplitude: 1
        case .decibels: 2
        }
    }

    static func quantity(_ code: UInt8) -> ChannelTrace.Quantity? {
        [.complexGain, .amplitude, .decibels].first { Self.code($0) == code }
    }

    /// Bytes of one gain: real quantities leave the imaginary part out.
    static func gainLength(_ quantity: ChannelTrace.Quantity) -> Int { quantity == .complexGain ? 8 : 4 }
}
