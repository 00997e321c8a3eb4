// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// What both ends know of one burst and nobody else can compute: bytes derived from the exchange's key for this
/// sequence number and sender.
///
/// It lets a receiver tell a burst of its peer from one that was injected. It is computational, feeds the
/// injection health test, and earns no credit in the ledger.
public struct SoundingSecret: Sendable {
    /// Bytes that a secret is made of: 4 of the tag, 408 of the pilot order.
    public static let byteCount = 4 + 2 * (SoundingBurst.tones.count - 1) * SoundingBurst.pilotSymbols

    /// Sent in the header.
    let tag: UInt32
    /// For each pilot symbol, which element of the sequence each tone carries.
    let order: [[Int]]

    /// - Parameter bytes: uniform bytes of a pseudorandom function, never used for another burst.
    /// - Throws: `.usage` unless there are `byteCount`.
    public init(bytes: [UInt8]) throws(QWaveError) {
        guard bytes.count == Self.byteCount else {
            throw QWaveError(
                .usage, "a burst's secret takes \(Self.byteCount) key-derived bytes, not \(bytes.count)")
        }
        tag = bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        var place = 4
        order = (0..<SoundingBurst.pilotSymbols).map { _ in
            var order = Array(0..<SoundingBurst.tones.count)
            // Fisher and Yates with 16-bit draws: the bias makes no order 5 % likelier than another.
            for last in stride(from: order.count - 1, to: 0, by: -1) {
                let draw = Int(bytes[place]) << 8 | Int(bytes[place + 1])
                place += 2
                order.swapAt(last, (draw * (last + 1)) >> 16)
            }
            return order
        }
    }
}
