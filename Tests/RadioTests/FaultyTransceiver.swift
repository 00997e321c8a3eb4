// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Synchronization

@testable import Radio

/// A radio that does what a fault does, and otherwise what the radio behind it does.
final class FaultyTransceiver: Transceiver {
    /// What happens to call number n, counted from 0 for each kind of call; nil leaves it alone.
    struct Faults: Sendable {
        var transmit: @Sendable (Int) -> RadioEvent.Kind? = { _ in nil }
        var receive: @Sendable (Int) -> RadioEvent.Kind? = { _ in nil }
        var event: @Sendable (Int) -> RadioEvent.Kind? = { _ in nil }
        var gone: @Sendable (Int) -> Bool = { _ in false }
        /// How far the clock is off at reading number n.
        var clock: @Sendable (Int) -> Duration = { _ in .zero }
    }

    private let base: VirtualTransceiver
    private let faults: Faults
    private let counts = Mutex((transmit: 0, receive: 0, event: 0, clock: 0))
    private let pending = Mutex([RadioEvent]())

    init(_ base: VirtualTransceiver, _ faults: Faults) {
        self.base = base
        self.faults = faults
    }

    var capabilities: RadioCapabilities { base.capabilities }
    func now() async throws(QWaveError) -> DeviceTime {
        let number = counts.withLock { counts in
            defer { counts.clock += 1 }
            return counts.clock
        }
        return try await base.now().advanced(by: faults.clock(number))
    }

    func transmit(_ burst: TransmitBurst) async throws(QWaveError) {
        let number = counts.withLock { counts in
            defer { counts.transmit += 1 }
            return counts.transmit
        }
        guard let kind = faults.transmit(number) else { return try await base.transmit(burst) }
        pending.withLock { $0.append(RadioEvent(kind, burst: burst.id)) }
    }

    func receive(_ window: ReceiveWindow) async throws(QWaveError) -> ReceivedSamples {
        let number = counts.withLock { counts in
            defer { counts.receive += 1 }
            return counts.receive
        }
        if faults.gone(number) { throw QWaveError(.deviceGone, "the faulty radio has gone") }
        var received = try await base.receive(window)
        guard let kind = faults.receive(number) else { return received }
        if kind == .clipping {
            received.clipped = 3
        } else {
            received.samples = kind == .overflow ? Array(received.samples.prefix(300)) : []
            received.trouble = RadioEvent(kind)
        }
        return received
    }

    func events() async throws(QWaveError) -> [RadioEvent] {
        let number = counts.withLock { counts in
            defer { counts.event += 1 }
            return counts.event
        }
        var events = try await base.events()
        events += pending.withLock { pending in
            defer { pending = [] }
            return pending
        }
        if let kind = faults.event(number) { events.append(RadioEvent(kind)) }
        return events
    }

    func rest() async { await base.rest() }
    func close() async { await base.close() }
}
