// SPDX-License-Identifier: GPL-3.0-or-later

/// Who is let in at a listening end whose peers speak first: the first of them that says a whole message.
///
/// Whoever connects and says nothing, or dribbles bytes, holds a place and 4 KiB for a moment and keeps nobody out: when
/// all places are taken the oldest goes, so an honest peer, whose first message comes at once, is always in time.
/// A peer that says a first message and then nothing is let in, and ends at the link's own deadline.
public struct Admission: Sendable, Hashable {
    /// How long a peer may take for its first message.
    public var time: Duration
    /// Peers that may be at it at once.
    public var places: Int
    /// Bytes that the first message may have.
    public var message: Int

    /// - Parameters:
    ///   - time: 5 s unless told.
    ///   - places: 1 or more.
    ///   - message: 1 to 4,092 bytes; with the length before it no more than 4 KiB are held for a stranger.
    public init(time: Duration = .seconds(5), places: Int = 32, message: Int = 256) {
        self.time = time
        self.places = max(1, places)
        self.message = min(max(1, message), 4092)
    }
}
