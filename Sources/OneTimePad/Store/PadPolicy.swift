// SPDX-License-Identifier: GPL-3.0-or-later

/// What a pad may be used for, and when it raises its voice.
public struct PadPolicy: Sendable {
    /// The pad refuses further use when the sum of ε of its opened blocks and its tags would pass this.
    public var epsilonLimit = 0x1p-30
    /// Whether blocks of different assurance ("model", "model+90B") may be used in one pad.
    public var mixesAssurance = false
    /// Outgoing bytes left below which `PadStatus.isLow` asks for replenishment.
    public var lowWater = 4096
    /// Failed checks after which the alarm is raised and every further check waits `failureDelay`.
    public var alarmAfter: UInt64 = 1 << 10
    /// Failed checks after which the pad accepts nothing more in this epoch.
    public var lockAfter: UInt64 = 1 << 20
    /// How long a failed check waits once the alarm was raised.
    public var failureDelay: Duration = .milliseconds(10)
    /// Enrolled mask bytes of the own direction that are kept for a recovery: 8 masks of 16 bytes, where settling what
    /// is uncertain and one exchange take 5. Set to 0 to spend them, once whoever forced exchanges to fail is gone.
    public var maskReserve = 128
    /// Enrolled mask bytes spent since a block last became usable, from which on every further one waits: 0.1 s, and
    /// twice as long for every 16 masks more, at the most `longestBackoff`.
    public var backoffAfter: UInt64 = 32 * 16
    public var longestBackoff: Duration = .seconds(30)
    /// Called at `alarmAfter`, at every power of two behind it, and at `lockAfter`, with the number of failed checks.
    public var onAlarm: @Sendable (_ failures: UInt64) -> Void = { _ in }

    public init() {}

    /// How long the next mask waits when so many mask bytes made no block.
    package func backoff(afterSpending bytes: UInt64) -> Duration {
        guard bytes > backoffAfter else { return .zero }
        return min(longestBackoff, .milliseconds(100) * (1 << Int(min((bytes - backoffAfter) / 256, 20))))
    }
}
