// SPDX-License-Identifier: GPL-3.0-or-later

/// The extent of one snapshot's gains: receive antennas × transmit antennas × subcarriers.
public struct SnapshotShape: Hashable, Sendable {
    public var receiveAntennas: Int
    public var transmitAntennas: Int
    public var subcarriers: Int

    @inlinable public init(receiveAntennas: Int = 1, transmitAntennas: Int = 1, subcarriers: Int = 1) {
        self.receiveAntennas = receiveAntennas
        self.transmitAntennas = transmitAntennas
        self.subcarriers = subcarriers
    }

    /// How many gains a snapshot of this shape holds.
    @inlinable public var count: Int { receiveAntennas * transmitAntennas * subcarriers }
}

/// One received probe: its estimate of the channel and what is known of when it was taken.
public struct Snapshot: Sendable {
    /// The probe's sequence number, equal at both ends for the same exchange; nil where none was recorded.
    public var sequence: UInt64?
    /// When the probe was received, in seconds on the receiver's own clock; nil where none was recorded.
    public var time: Double?
    public var shape: SnapshotShape
    /// Gains in (receive antenna, transmit antenna, subcarrier) order, the subcarrier running fastest.
    /// For `Quantity.decibels` and `.amplitude` the value is `re` and `im` is zero.
    public var gains: [IQ]

    public init(sequence: UInt64? = nil, time: Double? = nil, shape: SnapshotShape, gains: [IQ]) {
        self.sequence = sequence
        self.time = time
        self.shape = shape
        self.gains = gains
    }
}

/// Snapshots in the order of reception, from one end.
///
/// Shapes may change inside a trace: some cards report another number of antennas from packet to packet.
/// Gains lie in one flat array, so a million one-value snapshots cost no million allocations.
public struct ChannelTrace: Sendable {
    /// What a gain means.
    public enum Quantity: String, Sendable, Codable {
        /// Complex gain, linear, in the unit of the recording.
        case complexGain
        /// Real amplitude, linear.
        case amplitude
        /// Received power or signal strength in dB or dBm.
        case decibels
    }

    /// What is known of a whole trace besides its snapshots.
    public struct Description: Sendable, Hashable {
        public var format: String
        public var quantity: Quantity
        /// Tone index of each subcarrier (multiples of the subcarrier spacing from the center), or empty
        /// when unknown. Applies to snapshots with that many subcarriers.
        public var toneIndices: [Int]
        /// Subcarrier spacing in Hz, where known.
        public var subcarrierSpacing: Double?
        /// FFT length of the tone grid, where known (64 at 20 MHz Wi-Fi).
        public var fftLength: Int?
        /// Center frequency in Hz, where known.
        public var carrierFrequency: Double?
        /// Nominal probes per second, where known.
        public var nominalRate: Double?
        /// Power of the noise in one gain, linear and in the same unit as |gain|², where known.
        public var noiseVariance: Double?
        /// True when the trace came out of a simulator; every output that follows from it must say so.
        public var simulated: Bool
        /// Free text about origin, shown by `qwave inspect`.
        public var comment: String

        public init(
            format: String, quantity: Quantity, toneIndices: [Int] = [], subcarrierSpacing: Double? = nil,
            fftLength: Int? = nil, carrierFrequency: Double? = nil, nominalRate: Double? = nil,
            noiseVariance: Double? = nil, simulated: Bool = false, comment: String = ""
        ) {
            self.format = format
            self.quantity = quantity
            self.toneIndices = toneIndices
            self.subcarrierSpacing = subcarrierSpacing
            self.fftLength = fftLength
            self.carrierFrequency = carrierFrequency
            self.nominalRate = nominalRate
            self.noiseVariance = noiseVariance
            self.simulated = simulated
            self.comment = comment
        }
    }

    @usableFromInline struct Entry: Sendable {
        @usableFromInline var sequence: UInt64
        @usableFromInline var time: Double
        @usableFromInline var shape: SnapshotShape
        @usableFromInline var offset: Int
        @usableFromInline var hasSequence: Bool
    }

    public var description: Description
    @usableFromInline var entries: [Entry] = []
    /// All gains, snapshot after snapshot.
    public private(set) var gains: [IQ] = []

    public init(description: Description) {
        self.description = description
    }

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }

    public mutating func reserveCapacity(snapshots: Int, gains gainCount: Int) {
        entries.reserveCapacity(snapshots)
        gains.reserveCapacity(gainCount)
    }

    /// Appends one snapshot.
    ///
    /// - Precondition: `snapshot.gains.count == snapshot.shape.count`.
    public mutating func append(_ snapshot: Snapshot) {
        append(sequence: snapshot.sequence, time: snapshot.time, shape: snapshot.shape, gains: snapshot.gains)
    }

    /// Appends one snapshot whose gains are any collection, without an array of its own.
    public mutating func append(
        sequence: UInt64?, time: Double?, shape: SnapshotShape, gains new: some Collection<IQ>
    ) {
        precondition(new.count == shape.count, "gains don't fit the shape")
        entries.append(
            Entry(
                sequence: sequence ?? 0, time: time ?? .nan, shape: shape, offset: gains.count,
                hasSequence: sequence != nil))
        gains.append(contentsOf: new)
    }

    public func sequence(at index: Int) -> UInt64? {
        entries[index].hasSequence ? entries[index].sequence : nil
    }

    public func time(at index: Int) -> Double? {
        entries[index].time.isNaN ? nil : entries[index].time
    }

    public func shape(at index: Int) -> SnapshotShape { entries[index].shape }

    /// The gains of one snapshot, without copying.
    public func gains(at index: Int) -> ArraySlice<IQ> {
        let entry = entries[index]
        return gains[entry.offset..<entry.offset + entry.shape.count]
    }

    public subscript(index: Int) -> Snapshot {
        Snapshot(
            sequence: sequence(at: index), time: time(at: index), shape: shape(at: index),
            gains: Array(gains(at: index)))
    }

    /// A trace of the same description with the snapshots at `indices`, in that order.
    public func selecting(_ indices: some Sequence<Int>) -> ChannelTrace {
        var result = ChannelTrace(description: description)
        for index in indices {
            result.append(
                sequence: sequence(at: index), time: time(at: index), shape: shape(at: index),
                gains: gains(at: index))
        }
        return result
    }
}
