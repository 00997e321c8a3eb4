// SPDX-License-Identifier: GPL-3.0-or-later

/// The bounds of a link: how long one wait may last, and how long one message may be.
///
/// Both ends may choose differently; a message longer than the receiver's bound ends the link there.
public struct Limits: Sendable, Hashable {
    /// The longest wait of one `send` or one `receive`. A whole message must pass in it, so a peer that
    /// dribbles bytes gains nothing.
    public var wait: Duration
    /// The longest message in bytes, without its header.
    public var message: Int

    /// 1 MiB for the content and 4 KiB for what a protocol puts around it.
    public static let largestMessage = (1 << 20) + (4 << 10)

    /// - Parameters:
    ///   - wait: the deadline of each wait, 30 s unless told.
    ///   - message: 1 to `largestMessage` bytes; other values are brought into that range.
    public init(wait: Duration = .seconds(30), message: Int = Limits.largestMessage) {
        self.wait = wait
        self.message = min(max(message, 1), Limits.largestMessage)
    }
}
