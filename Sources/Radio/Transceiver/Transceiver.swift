// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// A half-duplex radio with a clock: it sends bursts and receives windows at instants of its own time.
///
/// Behind it: a USRP, the virtual-time radio, or a recording. Nothing above knows which. One task drives a
/// transceiver; its calls are made one after the other. Trouble that a prober can live with (a late burst, an
/// overflow) is a `RadioEvent`, told by `events()` and with the samples; what nobody can go on after (the device has
/// gone) is a `QWaveError` with code `.deviceGone`, `.deviceClaimed`, `.unavailable` or `.radioFault`, whose message
/// says what to do.
///
/// ```swift
/// let radio = try await RadioDrivers.standard.open("virtual:", as: .initiator, RadioSettings())
/// let start = try await radio.now().advanced(by: radio.capabilities.leadTime).onGrid(of: radio.capabilities.sampleRate)
/// try await radio.transmit(TransmitBurst(id: 1, start: start, samples: burst.samples))
/// let heard = try await radio.receive(ReceiveWindow(start: start.advanced(bySeconds: 0.001), count: 4096))
/// for event in try await radio.events() { … }  // .acknowledged(1), or why not
/// await radio.close()
/// ```
public protocol Transceiver: Sendable {
    /// What the device does, as set and read back at opening; constant from then on.
    var capabilities: RadioCapabilities { get }

    /// The device's clock, as near to this moment as it can be read. It goes forward, never back, while the
    /// transceiver is open; `.radioFault` where a device's was set meanwhile.
    func now() async throws(QWaveError) -> DeviceTime

    /// Hands a burst to the device and returns before it is on the air. What became of it is told by `events()`:
    /// exactly one of `.acknowledged`, `.late`, `.underflow`, `.timeError` or `.unacknowledged` for its `id`.
    ///
    /// - Precondition: none: a start in the past, or nearer than the lead time, is a `.late` event.
    func transmit(_ burst: TransmitBurst) async throws(QWaveError)

    /// Arms a window and returns its samples when it is over.
    ///
    /// A window that can't be kept ends in fewer samples, perhaps none, and `trouble` says why: never in a throw.
    /// A window that is longer than `capabilities.longestWindow` is cut to that.
    func receive(_ window: ReceiveWindow) async throws(QWaveError) -> ReceivedSamples

    /// What happened since the last call, oldest first; never waits for longer than the device needs to tell the fate
    /// of bursts whose time is over.
    func events() async throws(QWaveError) -> [RadioEvent]

    /// Says that nothing will be asked for a while: between exchanges, or while the link is busy. The next call
    /// ends the rest. A virtual ether lets time pass without this end; a device may stop streaming.
    func rest() async

    /// Gives the device back. Every later call throws `.radioFault`; calling it twice is fine.
    func close() async
}

extension Transceiver {
    public func rest() async {}
}
