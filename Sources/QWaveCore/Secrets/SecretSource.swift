// SPDX-License-Identifier: GPL-3.0-or-later

/// The sender of a message: which of the two directions its secrets belong to.
public enum Direction: UInt8, Sendable, CaseIterable {
    case initiatorToResponder = 0
    case responderToInitiator = 1

    public var reversed: Direction {
        self == .initiatorToResponder ? .responderToInitiator : .initiatorToResponder
    }
}

/// What authentication draws from: one hash key for each direction, and one-time masks that are never given twice.
///
/// Both ends hold the same secrets. The sender reserves masks of its own direction, durably, before it
/// computes a tag; the offset travels in clear; the receiver fetches the mask at that offset.
/// (Key recycling: Portmann, arXiv:1202.1229.)
public protocol SecretSource: Sendable {
    /// The 16-byte hash key r of a direction.
    func hashKey(_ direction: Direction) throws(QWaveError) -> SecretBuffer
    /// Reserves the next `count` mask bytes of a direction, durably, and returns their offset.
    ///
    /// Throws `.notAuthenticated` when the secret is exhausted.
    func reserveMask(_ direction: Direction, count: Int) throws(QWaveError) -> UInt64
    /// The mask bytes at `offset`, for the sender after reserving, or for the receiver to check.
    ///
    /// Throws `.notAuthenticated` outside the enrolled range, and for a sender's offset that isn't reserved.
    func mask(_ direction: Direction, at offset: UInt64, count: Int) throws(QWaveError) -> SecretBuffer
    /// Marks the receiver's side of a direction as consumed up to `offset`, durably: lower offsets are refused after.
    func accept(_ direction: Direction, upTo offset: UInt64) throws(QWaveError)
    /// Mask bytes left in a direction.
    func remaining(_ direction: Direction) -> Int
}
