// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    internal import QWaveCore

    /// What an opened device was set to, as it was read back.
    struct USRPSetup: Sendable {
        var capabilities: RadioCapabilities
        var receiveGain: Double
        var transmitGain: Double
        /// Seconds from a window's end until its samples are here.
        var latency: Double

        /// What a device is set to where nothing is asked for.
        static let usualRate = 1e6
        static let usualFrequency = 2.45e9
        static let usualReceiveGain = 30.0
        static let usualTransmitGain = 20.0
        /// Root mean square of a burst: OFDM symbols have peaks of about 11 dB over it.
        static let amplitude = 0.25

        /// Opens a device and sets it up, in the order that keeps its clock: rates and streams come before any
        /// reading of time, and the time is never set.
        static func open(
            _ arguments: USRPArguments, _ settings: RadioSettings, called name: String
        ) throws(QWaveError) -> (USRPHandles, USRPSetup) {
            try UHDVersion.check()
            let handles: USRPHandles
            do throws(UHDFailure) { handles = try USRPHandles(arguments.device) } catch {
                throw error.opening(arguments.device)
            }
            let steps = USRPSteps(handles: handles, settings: settings, name: name)
            try steps.chooseClock()
            let rate = try steps.setRates()
            let gains = try steps.setFrontEnd()
            let frequency = try steps.tune()
            try steps.openStreams()
            try steps.settle(frequency)
            let setup = USRPSetup(
                capabilities: RadioCapabilities(
                    name: "\(handles.device.name) \(arguments.device)", sampleRate: rate,
                    carrierFrequency: frequency, leadTime: .seconds(arguments.lead),
                    turnaround: .seconds(arguments.lead + arguments.latency), longestWindow: 1 << 20,
                    amplitude: amplitude, transmitAntenna: handles.device.antenna(.transmit),
                    receiveAntenna: handles.device.antenna(.receive),
                    simulated: arguments.simulated || handles.device.isSimulated),
                receiveGain: gains.receive, transmitGain: gains.transmit, latency: arguments.latency)
            return (handles, setup)
        }

        /// What isn't any more as it was at opening.
        func changes(of device: borrowing UHDDevice) throws(UHDFailure) -> [RadioEvent] {
            var events: [RadioEvent] = []
            for (direction, expected) in [(UHDDirection.receive, receiveGain), (.transmit, transmitGain)] {
                let gain = try device.gain(direction)
                if abs(gain - expected) > 0.01 {
                    events.append(
                        RadioEvent(
                            .gainChanged,
                            detail:
                                "the \(direction) gain is \(gain) dB and was \(expected) dB: something else sets "
                                + "this device; end it and start again"))
                }
                if try device.isLocked(direction) == false {
                    events.append(
                        RadioEvent(
                            .unlocked,
                            detail:
                                "the \(direction) oscillator lost its lock: look at the reference, and start again"
                        ))
                }
            }
            return events
        }
    }
#endif
