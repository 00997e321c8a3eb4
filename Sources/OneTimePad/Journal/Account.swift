// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The four streams of bytes that a store keeps: enrolled masks and pad, each outgoing and incoming.
enum Stream: Int, CaseIterable, Sendable {
    case maskOut, maskIn, padOut, padIn

    var isOutgoing: Bool { self == .maskOut || self == .padOut }
}

/// The double entry of one stream: every byte below `usedTo` was either used or burnt, and is counted as that.
///
///     0 ──── used and burnt ──── usedTo ──── reserved ──── reservedTo ──── free ──── generated
///
/// `used` and `burnt` are counted where it happens, `generated` by the block index: that they add up is a
/// check, not a definition. Incoming streams reserve nothing: `reservedTo` equals `usedTo`, the accepted mark.
struct Account: Equatable, Sendable {
    var reservedTo: UInt64 = 0
    var usedTo: UInt64 = 0
    var used: UInt64 = 0
    var burnt: UInt64 = 0

    var reserved: UInt64 { reservedTo - usedTo }

    /// What is left of the reservation can't be told from used bytes any more: it is burnt.
    mutating func burnReservation() {
        burnt += reserved
        usedTo = reservedTo
    }

    /// Moves on over `count` bytes that are used now.
    mutating func use(_ count: UInt64) {
        used += count
        usedTo += count
        reservedTo = max(reservedTo, usedTo)
    }

    /// Moves on over everything below `offset` without using it.
    mutating func skip(to offset: UInt64) {
        burnt += offset - usedTo
        usedTo = offset
        reservedTo = max(reservedTo, usedTo)
    }

    /// Throws unless generated = used + burnt + reserved + free.
    func check(generated: UInt64, _ stream: Stream) throws(QWaveError) {
        let sum = used.addingReportingOverflow(burnt)
        guard !sum.overflow, sum.partialValue == usedTo, usedTo <= reservedTo, reservedTo <= generated else {
            throw QWaveError(
                .storage,
                "the pad's books don't balance (\(stream)): used \(used) + burnt \(burnt) + reserved "
                    + "\(reservedTo &- usedTo) of \(generated) generated; burn this pad and enroll again")
        }
    }
}
