// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// A window put together from what a device delivers, by time stamps and never by counts alone.
///
/// Late deliveries of an earlier window are passed over; after a gap nothing more is taken, because how much was lost
/// isn't told and a window is contiguous.
struct WindowAssembly: Sendable {
    private let rate: Double
    private let count: Int
    /// Sample index of the window's first sample on the device's clock; set by the first packet where the window
    /// starts as soon as it can.
    private var first: Int64?
    private(set) var samples: [IQ] = []
    private(set) var trouble: RadioEvent?
    /// Samples of an earlier window that came in this one's time.
    private(set) var stale = 0

    init(start: DeviceTime?, count: Int, rate: Double) {
        self.rate = rate
        self.count = count
        first = start?.sample(at: rate)
        samples.reserveCapacity(count)
    }

    /// How many samples are still to come.
    var room: Int { count - samples.count }
    var isComplete: Bool { room == 0 || trouble != nil }

    /// When the first sample was taken, as far as that is known.
    var start: DeviceTime? { first.map { DeviceTime(sample: $0, rate: rate) } }

    /// Takes the samples of one delivery. Without a time they are taken for the continuation.
    mutating func take(_ received: ArraySlice<IQ>, at time: DeviceTime?) {
        guard !received.isEmpty, trouble == nil else { return }
        let arrived = time?.sample(at: rate)
        if first == nil { first = arrived ?? 0 }
        guard let begin = first else { return }
        let expected = begin + Int64(samples.count)
        let place = arrived ?? expected
        var taken = received
        if place < expected {
            // Of an earlier window, or sent twice.
            let surplus = min(Int64(taken.count), expected - place)
            stale += Int(surplus)
            taken = taken.dropFirst(Int(surplus))
        } else if place > expected {
            fail(
                .overflow, time,
                "\(place - expected) samples are missing after the first \(samples.count) of the window")
            return
        }
        samples += taken.prefix(room)
    }

    /// Nothing more comes, because of trouble.
    mutating func fail(_ kind: RadioEvent.Kind, _ time: DeviceTime?, _ detail: String) {
        if trouble == nil { trouble = RadioEvent(kind, time: time, detail: detail) }
    }
}

extension WindowAssembly {
    /// A part of a sample at least this large stands at the converter's end. Filters behind a converter round the
    /// corners, so it lies a little below full scale.
    static let fullScale: Float = 0.995

    /// How many samples have a part at full scale.
    var clipped: Int {
        samples.reduce(0) { $0 + (max(abs($1.re), abs($1.im)) >= Self.fullScale ? 1 : 0) }
    }
}
