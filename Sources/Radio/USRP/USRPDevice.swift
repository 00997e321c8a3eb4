// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    internal import Foundation
    internal import QWaveCore

    /// One opened USRP, on its own thread.
    actor USRPDevice {
        // The parts that bursts and windows need are in the extensions.
        private nonisolated let thread: UHDThread
        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

        /// What messages call it.
        let name: String
        /// Nil once it was closed or has gone.
        private var handles: USRPHandles?
        var setup: USRPSetup?
        private var clock: HostClock?
        var fates: BurstFates
        var noted: [RadioEvent] = []
        var silentWindows = 0
        var checked = ContinuousClock.now
        var buffer: [IQ] = []

        /// Windows that bring nothing, one after the other, before a device that still answers is given up.
        static let mostSilentWindows = 5
        /// How long after its time a delivery may come, in seconds, besides the device's own latency.
        static let grace = 0.5
        /// A device counts ticks without a sign: it would wait for such a time for ever.
        static let beforeZero = "its start lies before the device's zero"
        /// How far ahead a window or burst may lie, in seconds: longer than the longest period of any plan.
        static let farthest = 3600.0
        static let tooFar = "its start lies more than an hour ahead"
        /// The longest sleep between two readings of the device's clock, in seconds: a clock that was set meanwhile would
        /// have us sleep until a time that never comes.
        static let longestSleep = 1.0
        /// Between two looks for samples, in seconds: a small part of the shortest turnaround of any device.
        static let nap = 2e-4
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

        /// Lets go of a device that has gone without giving its handles back: libuhd would wait for its answers for more
        /// than ten seconds, and a process that ends meanwhile pulls the memory from under it.
        private func abandon() {
            setup = nil
            guard let handles else { return }
            self.handles = nil
            _ = unsafe Unmanaged.passRetained(handles)
        }

        var isOpen: Bool { handles != nil }

        func opened() throws(QWaveError) -> (USRPHandles, USRPSetup) {
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
            let step = clock.read(time, asked: asked, answered: answered)
            self.clock = clock
            if let step { throw Self.stepped(by: step, name) }
            return time
        }

        /// Windows and bursts were asked for by the old time, and times in a trace would not compare.
        static func stepped(by step: Double, _ name: String) -> QWaveError {
            QWaveError(
                .radioFault,
                "\(name): its clock jumped by \(step) s against this host's while it was running: keep other programs "
                    + "from setting the device's time, check its reference (--clock-source internal needs none), and "
                    + "start again")
        }

        /// The device's time by the host's clock: for time-outs.
        var estimate: DeviceTime {
            clock?.estimate(at: .now) ?? DeviceTime(.zero)
        }

        /// A failed call: the device has gone if it doesn't tell its time either. Its handles are let go of then.
        func lost(_ failure: UHDFailure) -> QWaveError {
            if let handles, !failure.isTransport, (try? handles.device.time()) != nil {
                return failure.fault(name, "it refused what it was asked to do; start again")
            }
            abandon()
            return failure.gone(name)
        }
    }
#endif
