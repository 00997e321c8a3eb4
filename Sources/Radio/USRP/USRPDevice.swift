// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    internal import CUHD
    internal import Foundation
    internal import QWaveCore

    /// One opened USRP, on its own thread.
    actor USRPDevice {
        private nonisolated let thread: UHDThread
        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

        /// What messages call it.
        private let name: String
        /// Nil once it was closed or has gone.
        private var handles: USRPHandles?
        private var setup: USRPSetup?
        private var clock: HostClock?
        private var fates: BurstFates
        private var noted: [RadioEvent] = []
        private var silentWindows = 0
        private var checked = ContinuousClock.now
        private var buffer: [IQ] = []

        /// Windows that bring nothing, one after the other, before a device that still answers is given up.
        static let mostSilentWindows = 5
        /// How long after its time a delivery may come, in seconds, besides the device's own latency.
        static let grace = 0.5
        /// A device counts ticks without a sign: it would wait for such a time for ever.
        private static let beforeZero = "its start lies before the device's zero"
        /// Between two looks for samples, in seconds: a small part of the shortest turnaround of any device.
        private static let nap = 2e-4
        /// How often gains and oscillators are looked at.
        static let checkInterval = Duration.seconds(2)

        init(_ arguments: USRPArguments) {
            thread = UHDThread(name: "qwave-uhd")
            name = arguments.device.isEmpty ? "the USRP" : "the USRP '\(arguments.device)'"
            fates = BurstFates(patience: Self.grace + arguments.latency)
        }

        /// Finds, claims and sets up the device.
        func open(
            _ arguments: USRPArguments, _ settings: RadioSettings
        ) throws(QWaveError) -> RadioCapabilities {
            let (handles, setup) = try USRPSetup.open(arguments, settings, called: name)
            if let priority = arguments.priority, !UHDLibrary.raisePriority(to: priority) {
                throw QWaveError(
                    .unavailable,
                    "\(name): the system doesn't allow real-time priority; leave 'priority' out of --radio, or see "
                        + "qwave doctor")
            }
            self.handles = handles
            self.setup = setup
            _ = try now()
            return setup.capabilities
        }

        func close() {
            handles = nil
            setup = nil
        }

        /// Gives back what belongs to a device that has gone, on another thread: libuhd waits for its answers for
        /// more than ten seconds.
        private func abandon() {
            setup = nil
            guard let handles else { return }
            self.handles = nil
            let dying = Unshared(handles)
            Thread.detachNewThread {
                // The call that failed still holds them, and must not be the last that does.
                Thread.sleep(forTimeInterval: 0.05)
                dying.release()
            }
        }

        private func opened() throws(QWaveError) -> (USRPHandles, USRPSetup) {
            guard let handles, let setup else {
                throw QWaveError(.radioFault, "\(name) is closed")
            }
            return (handles, setup)
        }

        func now() throws(QWaveError) -> DeviceTime {
            let (handles, _) = try opened()
            let asked = ContinuousClock.now
            let time: DeviceTime
            do throws(UHDFailure) { time = try handles.device.time() } catch { throw lost(error) }
            let answered = ContinuousClock.now
            guard var clock else {
                clock = HostClock(device: time, host: asked.advanced(by: asked.duration(to: answered) / 2))
                return time
            }
            if let step = clock.read(time, asked: asked, answered: answered) {
                noted.append(
                    RadioEvent(
                        .timeError, time: time,
                        detail: "the device's clock jumped by \(step) s; times before and after don't compare"
                    ))
            }
            self.clock = clock
            return time
        }

        /// The device's time by the host's clock: for time-outs.
        private var estimate: DeviceTime {
            clock?.estimate(at: .now) ?? DeviceTime(.zero)
        }

        /// A failed call: the device has gone if it doesn't tell its time either. Its handles are given back then.
        private func lost(_ failure: UHDFailure) -> QWaveError {
            if let handles, !failure.isTransport, (try? handles.device.time()) != nil {
                return failure.fault(name, "it refused what it was asked to do; start again")
            }
            abandon()
            return failure.gone(name)
        }

        // MARK: Transmission

        func transmit(_ burst: TransmitBurst) throws(QWaveError) {
            let (handles, setup) = try opened()
            let rate = setup.capabilities.sampleRate
            let duration = Double(burst.samples.count) / rate
            fates.add(burst.id, start: burst.start, duration: duration, now: estimate)
            guard burst.start.sinceZero >= .zero else {
                note(fates.fail(burst.id, .late, Self.beforeZero))
                return
            }
            let ahead = max(0, min(estimate.seconds(to: burst.start), 3600))
            let samples = limited(burst)
            let sent: Int
            do throws(UHDFailure) {
                sent = try handles.send(samples, at: burst.start, timeout: ahead + duration + Self.grace)
            } catch { throw lost(error) }
            guard sent < samples.count else { return }
            note(
                fates.fail(
                    burst.id, .underflow, "the device took \(sent) of \(samples.count) samples, then no more")
            )
            do throws(UHDFailure) { try handles.endBurst() } catch { throw lost(error) }
        }

        /// The samples of a burst, cut off at full scale where they exceed it, which is noted.
        private func limited(_ burst: TransmitBurst) -> [IQ] {
            guard burst.samples.contains(where: { max(abs($0.re), abs($0.im)) > 1 }) else {
                return burst.samples
            }
            noted.append(
                RadioEvent(
                    .clipping, burst: nil, time: burst.start,
                    detail:
                        "burst \(burst.id) exceeds full scale and was cut off: send it at the amplitude that the "
                        + "capabilities give"))
            return burst.samples.map { IQ(min(max($0.re, -1), 1), min(max($0.im, -1), 1)) }
        }

        private func note(_ event: RadioEvent?) { if let event { noted.append(event) } }

        func events() throws(QWaveError) -> [RadioEvent] {
            let (handles, _) = try opened()
            do throws(UHDFailure) {
                while true {
                    let wait = fates.wait(at: estimate) ?? 0
                    if let event = try handles.event(timeout: wait) {
                        settle(event)
                    } else {
                        fates.expire(at: estimate).forEach { noted.append($0) }
                        if fates.wait(at: estimate) == nil { break }
                    }
                }
                try examine(handles)
            } catch { throw lost(error) }
            defer { noted = [] }
            return noted
        }

        private func settle(_ event: UHDTransmitEvent) {
            switch event.code {
            case UHD_ASYNC_METADATA_EVENT_CODE_BURST_ACK: note(fates.acknowledge(at: event.time))
            case UHD_ASYNC_METADATA_EVENT_CODE_UNDERFLOW, UHD_ASYNC_METADATA_EVENT_CODE_UNDERFLOW_IN_PACKET:
                note(
                    fates.fail(.underflow, at: event.time, "samples came too slowly, or the burst had no end")
                )
            case UHD_ASYNC_METADATA_EVENT_CODE_TIME_ERROR:
                note(
                    fates.fail(
                        .late, at: event.time, "its start was over when it arrived; give more lead time"))
            case UHD_ASYNC_METADATA_EVENT_CODE_SEQ_ERROR, UHD_ASYNC_METADATA_EVENT_CODE_SEQ_ERROR_IN_BURST:
                noted.append(
                    RadioEvent(
                        .sequenceError, time: event.time,
                        detail:
                            "packets to the device were lost or came out of order: look at cable and buffers")
                )
            default:
                noted.append(
                    RadioEvent(
                        RadioEvent.Kind("device event \(event.code.rawValue)"), time: event.time))
            }
        }

        /// Now and then: gains and oscillators must be what they were at opening.
        private func examine(_ handles: USRPHandles) throws(UHDFailure) {
            guard let setup, checked.duration(to: .now) >= Self.checkInterval else { return }
            checked = .now
            noted += try setup.changes(of: handles.device)
        }

        // MARK: Reception

        func receive(_ window: ReceiveWindow) throws(QWaveError) -> ReceivedSamples {
            let (handles, setup) = try opened()
            let rate = setup.capabilities.sampleRate
            let count = min(max(window.count, 0), setup.capabilities.longestWindow)
            var assembly = WindowAssembly(start: window.start, count: count, rate: rate)
            guard count > 0 else { return result(assembly, window) }
            if let start = window.start, start.sinceZero < .zero {
                assembly.fail(.late, start, Self.beforeZero)
                return result(assembly, window)
            }
            do throws(UHDFailure) {
                try handles.arm(window.start, count: count)
                try fill(
                    &assembly, handles, from: window.start, until: deadline(window, count, rate))
                if assembly.trouble != nil { try drain(handles) }
            } catch { throw lost(error) }
            try heed(assembly)
            return result(assembly, window)
        }

        /// The last moment at which a window's samples may come.
        private func deadline(
            _ window: ReceiveWindow, _ count: Int, _ rate: Double
        ) -> ContinuousClock.Instant {
            let ahead = window.start.map { estimate.seconds(to: $0) } ?? 0
            return .now.advanced(by: .seconds(max(0, min(ahead, 3600)) + Double(count) / rate + Self.grace))
        }

        private func fill(
            _ assembly: inout WindowAssembly, _ handles: USRPHandles, from start: DeviceTime?,
            until deadline: ContinuousClock.Instant
        ) throws(UHDFailure) {
            if buffer.count < assembly.room {
                buffer = [IQ](repeating: .zero, count: assembly.room)
            }
            // libuhd waits for samples by asking the system without a pause, which takes a whole core, and from a
            // virtual device the time that it needs. So we sleep until there can be some, and ask between naps.
            if let start { Thread.sleep(forTimeInterval: max(0, min(estimate.seconds(to: start), 3600))) }
            while !assembly.isComplete {
                let packet = try handles.receive(into: &buffer, room: assembly.room, timeout: 0)
                assembly.take(buffer[..<min(packet.count, buffer.count)], at: packet.time)
                if let (kind, detail) = Self.trouble(packet) {
                    assembly.fail(kind, packet.time, detail)
                } else if packet.endsBurst, packet.count > 0, !assembly.isComplete, assembly.stale == 0 {
                    assembly.fail(
                        .overflow, packet.time, "the window ended after \(assembly.samples.count) samples")
                } else if packet.count == 0, !assembly.isComplete {
                    guard ContinuousClock.now < deadline else {
                        assembly.fail(.timeout, nil, "nothing came in time")
                        return
                    }
                    Thread.sleep(forTimeInterval: Self.nap)
                }
            }
        }

        private static func trouble(_ packet: UHDPacket) -> (RadioEvent.Kind, String)? {
            switch packet.error {
            // Nothing yet: whether that is trouble, the window's deadline says.
            case UHD_RX_METADATA_ERROR_CODE_NONE, UHD_RX_METADATA_ERROR_CODE_TIMEOUT: nil
            case UHD_RX_METADATA_ERROR_CODE_LATE_COMMAND:
                (.late, "its start was over when it was armed; give more lead time")
            case UHD_RX_METADATA_ERROR_CODE_OVERFLOW where packet.isOutOfSequence:
                (.sequenceError, "packets were lost on their way here: look at cable and socket buffers")
            case UHD_RX_METADATA_ERROR_CODE_OVERFLOW:
                (.overflow, "the device had no room: a lower rate or a faster host mends it")
            default: (.badPacket, packet.text.isEmpty ? "code \(packet.error.rawValue)" : packet.text)
            }
        }

        /// Takes back what was asked for and throws away what is still under way, so that the next window begins
        /// clean.
        private func drain(_ handles: USRPHandles) throws(UHDFailure) {
            try handles.stopReceiving()
            let patience = Duration.seconds((setup?.latency ?? 0) + 0.02)
            var last = ContinuousClock.now
            for _ in 0..<100_000 {
                let packet = try handles.receive(into: &buffer, room: buffer.count, timeout: 0)
                if packet.error != UHD_RX_METADATA_ERROR_CODE_TIMEOUT || packet.count > 0 {
                    last = .now
                } else if last.duration(to: .now) > patience {
                    return
                } else {
                    Thread.sleep(forTimeInterval: Self.nap)
                }
            }
        }

        /// Silence again and again means that the device has gone; silence once asks for its time.
        private func heed(_ assembly: WindowAssembly) throws(QWaveError) {
            guard assembly.trouble?.kind == .timeout else {
                silentWindows = 0
                return
            }
            silentWindows += 1
            _ = try now()
            guard silentWindows < Self.mostSilentWindows else {
                throw QWaveError(
                    .radioFault,
                    "\(name) tells its time but \(silentWindows) windows brought no sample: restart it, and look at "
                        + "firewall and socket buffers")
            }
        }

        private func result(_ assembly: WindowAssembly, _ window: ReceiveWindow) -> ReceivedSamples {
            let start = assembly.start ?? window.start ?? estimate
            let clipped = assembly.clipped
            if clipped > 0 {
                noted.append(
                    RadioEvent(
                        .clipping, time: start,
                        detail:
                            "\(clipped) of \(assembly.samples.count) samples stand at full scale: take less "
                            + "receive gain"))
            }
            return ReceivedSamples(
                start: start, samples: assembly.samples, trouble: assembly.trouble, clipped: clipped)
        }
    }
#endif
