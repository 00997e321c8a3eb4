// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Samples to be sent at an instant.
public struct TransmitBurst: Sendable {
    /// Names the burst in events; the sender's choice, never used twice while a transceiver is open.
    public var id: UInt64
    /// When the first sample leaves, on the sample grid.
    public var start: DeviceTime
    /// Full scale is 1 in each part.
    public var samples: [IQ]

    public init(id: UInt64, start: DeviceTime, samples: [IQ]) {
        self.id = id
        self.start = start
        self.samples = samples
    }
}

/// A stretch of time to be received.
public struct ReceiveWindow: Sendable, Hashable {
    /// When its first sample is taken, on the sample grid; nil as soon as the device can.
    public var start: DeviceTime?
    /// How many samples.
    public var count: Int

    public init(start: DeviceTime?, count: Int) {
        self.start = start
        self.count = count
    }
}

/// What a window brought.
public struct ReceivedSamples: Sendable {
    /// When the first sample was taken, as the device stamped it.
    public var start: DeviceTime
    /// Full scale is 1 in each part. Contiguous: after an overflow only what came before it is here.
    public var samples: [IQ]
    /// Why there are fewer samples than the window has; nil where all are here.
    public var trouble: RadioEvent?
    /// How many samples have a part at full scale.
    public var clipped: Int

    public init(start: DeviceTime, samples: [IQ], trouble: RadioEvent? = nil, clipped: Int = 0) {
        self.start = start
        self.samples = samples
        self.trouble = trouble
        self.clipped = clipped
    }
}
