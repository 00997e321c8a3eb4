// SPDX-License-Identifier: GPL-3.0-or-later

/// What became of the bursts that were handed to a device: exactly one fate each.
///
/// A device tells events with a time at most, not with a burst's name. An acknowledgement carries the instant after
/// the last sample; trouble carries the instant when it was noticed, which lies after the start of its burst.
struct BurstFates: Sendable {
    /// A burst whose fate isn't known.
    private struct Pending: Sendable {
        var id: UInt64
        var start: DeviceTime
        var end: DeviceTime
        /// When its fate must have come.
        var limit: DeviceTime
    }

    private var pending: [Pending] = []
    /// How long after a burst's end, or after a late handing over, its fate may still come, in seconds.
    var patience: Double

    init(patience: Double) { self.patience = patience }

    var isEmpty: Bool { pending.isEmpty }

    /// A burst is handed over at about `now`.
    mutating func add(_ id: UInt64, start: DeviceTime, duration: Double, now: DeviceTime) {
        let end = start.advanced(bySeconds: duration)
        let limit = max(end, now).advanced(bySeconds: patience)
        pending.append(Pending(id: id, start: start, end: end, limit: limit))
    }

    /// The device sent a burst whole. Nil where no burst waits for that: what an underflow already settled.
    mutating func acknowledge(at time: DeviceTime?) -> RadioEvent? {
        var index = pending.startIndex
        if let time {
            let begun = pending.indices.filter { pending[$0].start <= time }
            guard
                let nearest = begun.min(by: {
                    abs(pending[$0].end.seconds(to: time)) < abs(pending[$1].end.seconds(to: time))
                })
            else { return nil }
            index = nearest
        }
        return settle(index, .acknowledged, at: time, "")
    }

    /// Something went wrong with the oldest burst that had begun by then.
    mutating func fail(_ kind: RadioEvent.Kind, at time: DeviceTime?, _ detail: String) -> RadioEvent? {
        let index = time.map { time in pending.firstIndex { $0.start <= time } } ?? pending.startIndex
        guard let index else { return nil }
        return settle(index, kind, at: time, detail)
    }

    /// Something went wrong with a burst that is known by name.
    mutating func fail(_ id: UInt64, _ kind: RadioEvent.Kind, _ detail: String) -> RadioEvent? {
        guard let index = pending.firstIndex(where: { $0.id == id }) else { return nil }
        return settle(index, kind, at: nil, detail)
    }

    private mutating func settle(
        _ index: Int, _ kind: RadioEvent.Kind, at time: DeviceTime?, _ detail: String
    ) -> RadioEvent? {
        guard pending.indices.contains(index) else { return nil }
        return RadioEvent(kind, burst: pending.remove(at: index).id, time: time, detail: detail)
    }

    /// Seconds from `now` until the fate of the burst that ended last before it must have come; nil where no burst
    /// is over.
    func wait(at now: DeviceTime) -> Double? {
        pending.filter { $0.end <= now }.map { max(0, now.seconds(to: $0.limit)) }.max()
    }

    /// Gives up on bursts that nothing was heard of.
    mutating func expire(at now: DeviceTime) -> [RadioEvent] {
        let lost = pending.filter { $0.limit <= now }
        pending.removeAll { $0.limit <= now }
        return lost.map {
            RadioEvent(
                .unacknowledged, burst: $0.id, time: $0.end,
                detail: "the device said nothing for \(patience) s")
        }
    }
}
