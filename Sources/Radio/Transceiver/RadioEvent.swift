// SPDX-License-Identifier: GPL-3.0-or-later

/// What happens to a radio besides what was asked for. An open set: a `switch` over kinds needs a default.
public struct RadioEvent: Sendable, Hashable, CustomStringConvertible {
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        public let name: String
        public init(_ name: String) { self.name = name }
        public var description: String { name }

        /// A burst went out whole.
        public static let acknowledged = Kind("acknowledged")
        /// A burst or window came too late for its start and was dropped whole. More lead time mends it.
        public static let late = Kind("late")
        /// The device ran out of samples inside a burst, or missed its end.
        public static let underflow = Kind("underflow")
        /// Samples were lost between device and host.
        public static let overflow = Kind("overflow")
        /// Packets were lost or came out of order, in either direction.
        public static let sequenceError = Kind("sequence error")
        /// The device refused a burst's time.
        public static let timeError = Kind("time error")
        /// A window brought nothing in time. Again and again: the device has gone.
        public static let timeout = Kind("timeout")
        /// Nothing was heard of a burst's fate in time: it doesn't count as sent.
        public static let unacknowledged = Kind("unacknowledged")
        /// A packet that can't be read, or channels out of step.
        public static let badPacket = Kind("bad packet")
        /// The converter was driven to full scale: gains are wrong. Less receive gain mends it.
        public static let clipping = Kind("clipping")
        /// The gain isn't what it was at opening: phases and amplitudes before and after don't compare.
        public static let gainChanged = Kind("gain changed")
        /// The local oscillator lost its lock: phases don't compare.
        public static let unlocked = Kind("oscillator unlocked")
    }

    public var kind: Kind
    /// The burst it is about; nil where it is about reception or the device.
    public var burst: UInt64?
    /// When, where the device says so.
    public var time: DeviceTime?
    /// More for a person.
    public var detail: String

    public init(_ kind: Kind, burst: UInt64? = nil, time: DeviceTime? = nil, detail: String = "") {
        self.kind = kind
        self.burst = burst
        self.time = time
        self.detail = detail
    }

    public var description: String {
        kind.name + (burst.map { " of burst \($0)" } ?? "") + (detail.isEmpty ? "" : ": \(detail)")
    }
}
