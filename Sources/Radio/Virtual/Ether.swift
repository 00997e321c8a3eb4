// SPDX-License-Identifier: GPL-3.0-or-later
public import ChannelModels
public import QWaveCore
internal import Synchronization

/// The air between virtual radios, in virtual time: exact, deterministic, and as fast as the processor.
///
/// A conservative simulation: each end lives at an instant of true time, which its calls move on. A window is over
/// when every other end has promised, by where it lives and by its lead time, to send nothing into it any more. So
/// what an end receives depends on the bursts and windows alone, never on which task or process ran first. Alice and
/// Bob must have joined before time passes; an end that rests after a session, or has closed, promises silence, and the
/// next session doesn't begin before both are back.
///
/// ```swift
/// let ether = try Ether(EtherParameters(channel: parameters, snr: 20))
/// let alice = try ether.join(.alice), bob = try ether.join(.bob)
/// ```
public final class Ether: Sendable {
    public let parameters: EtherParameters
    private let state: Mutex<EtherState>

    /// Throws `.usage` where a parameter makes no sense.
    public init(_ parameters: EtherParameters) throws(QWaveError) {
        self.parameters = parameters
        state = Mutex(try EtherState(parameters))
    }

    /// One end's radio. Throws `.deviceClaimed` where it is taken, until its holder has closed it.
    public func join(_ end: SimulatedEnd) throws(QWaveError) -> VirtualTransceiver {
        guard end != .truth else {
            throw QWaveError(.usage, "an ether's ends are alice, bob and eve")
        }
        let joined = state.withLock { $0.join(end) }
        wake()
        guard joined else {
            throw QWaveError(
                .deviceClaimed,
                "the virtual radio of \(end.rawValue) is in use: close the process that has it, or take another end"
            )
        }
        return VirtualTransceiver(ether: self, end: end)
    }

    /// Whether no end is joined.
    var isEmpty: Bool { state.withLock { $0.isEmpty } }

    // What the ends' transceivers do; `end` has joined.

    func now(_ end: SimulatedEnd) -> DeviceTime? { state.withLock { $0.now(end) } }

    func transmit(_ burst: TransmitBurst, from end: SimulatedEnd) -> Bool {
        defer { wake() }
        return state.withLock { $0.transmit(burst, from: end) }
    }

    func events(_ end: SimulatedEnd) -> [RadioEvent]? { state.withLock { $0.takeEvents(end) } }

    func rest(_ end: SimulatedEnd) {
        state.withLock { $0.rest(end) }
        wake()
    }

    func leave(_ end: SimulatedEnd) {
        let waiter = state.withLock { $0.leave(end) }
        waiter?.resume(returning: nil)
        wake()
    }

    /// The samples of a window; nil where the end was closed or its task cancelled meanwhile.
    func receive(_ window: ReceiveWindow, at end: SimulatedEnd) async -> ReceivedSamples? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: EtherState.Waiter) in
                let immediate = state.withLock { $0.receive(window, at: end, waiter: waiter) }
                if let immediate { waiter.resume(returning: immediate.samples) }
                wake()
            }
        } onCancel: {
            state.withLock { $0.cancel(end) }?.resume(returning: nil)
        }
    }

    /// Ends every window that is over.
    private func wake() {
        while let (waiter, samples) = state.withLock({ $0.finishOne() }) { waiter.resume(returning: samples) }
    }
}
