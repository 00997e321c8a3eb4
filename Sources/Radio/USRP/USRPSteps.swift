// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    internal import Foundation
    internal import QWaveCore

    /// The steps of setting a device up; each ends in what was asked for, or in an error that says what to do.
    struct USRPSteps {
        let handles: USRPHandles
        let settings: RadioSettings
        let name: String

        /// How long an oscillator or a reference may take to lock, in seconds.
        static let settling = 2.0
        /// A detour in Hz that makes an AD936x calibrate its constant offset anew, after streams have been opened.
        static let detour = 250e6

        private func attempt<Result>(
            _ advice: String, _ body: () throws(UHDFailure) -> Result
        ) throws(QWaveError) -> Result {
            do throws(UHDFailure) { return try body() } catch {
                throw error.isTransport ? error.gone(name) : error.fault(name, advice)
            }
        }

        func chooseClock() throws(QWaveError) {
            guard let source = settings.clockSource else { return }
            try attempt("its clock source can't be '\(source)': take internal, or what uhd_usrp_probe lists")
            {
                () throws(UHDFailure) in
                try handles.device.setClockSource(source)
            }
            guard source != "internal" else { return }
            try wait("its reference '\(source)' isn't there: look at the cable, or take internal") {
                () throws(UHDFailure) in
                try handles.device.hasReference() ?? true
            }
        }

        /// Both rates, equal, and a master clock that stays what it is from here on.
        func setRates() throws(QWaveError) -> Double {
            let wanted = settings.sampleRate ?? USRPSetup.usualRate
            let (receive, transmit, master) = try attempt("it takes no rate of \(wanted) samples/s") {
                () throws(UHDFailure) in
                let receive = try handles.device.setRate(wanted, .receive)
                let transmit = try handles.device.setRate(wanted, .transmit)
                // An automatic master clock may move again, and the device's time with it, when a stream opens.
                let master = try handles.device.masterClockRate()
                try handles.device.setMasterClockRate(master)
                return (receive, transmit, master)
            }
            guard abs(receive - wanted) <= wanted * 1e-9, abs(transmit - wanted) <= wanted * 1e-9 else {
                throw QWaveError(
                    .usage,
                    "\(name) makes \(receive) and \(transmit) samples/s of \(wanted): choose a rate that divides its "
                        + "master clock of \(master) Hz by a whole number, even at best")
            }
            return receive
        }

        /// Gains that stay, no automatic gain, and one antenna for both directions.
        func setFrontEnd() throws(QWaveError) -> (receive: Double, transmit: Double) {
            let wanted: [(UHDDirection, Double)] = [
                (.receive, settings.receiveGain ?? USRPSetup.usualReceiveGain),
                (.transmit, settings.transmitGain ?? USRPSetup.usualTransmitGain),
            ]
            handles.device.disableAutomaticGain()
            var gains: [Double] = []
            for (direction, gain) in wanted {
                gains.append(
                    try attempt("it takes no \(direction) gain of \(gain) dB") { () throws(UHDFailure) in
                        try handles.device.setGain(gain, direction)
                        return try handles.device.gain(direction)
                    })
                try setAntenna(direction)
            }
            return (gains[0], gains[1])
        }

        private func setAntenna(_ direction: UHDDirection) throws(QWaveError) {
            let antenna = settings.antenna
            try attempt("it has no \(direction) antenna '\(antenna)': choose one that uhd_usrp_probe lists") {
                () throws(UHDFailure) in
                try handles.device.setAntenna(antenna, direction)
            }
            let chosen = handles.device.antenna(direction)
            guard chosen == antenna else {
                throw QWaveError(
                    .radioFault,
                    "\(name): the \(direction) antenna is '\(chosen)' though '\(antenna)' was chosen; with different "
                        + "antennas for the two directions the channel isn't reciprocal")
            }
        }

        /// Both directions to one center. Once: the phase of an oscillator is another after each tuning.
        func tune() throws(QWaveError) -> Double {
            let wanted = settings.carrierFrequency ?? USRPSetup.usualFrequency
            var centers: [Double] = []
            for direction in UHDDirection.allCases {
                centers.append(
                    try attempt("it can't be tuned to \(wanted) Hz: choose a frequency of its range") {
                        () throws(UHDFailure) in
                        try handles.device.tune(wanted, offset: settings.oscillatorOffset, direction)
                    })
            }
            guard abs(centers[0] - centers[1]) < 1, abs(centers[0] - wanted) < 1e3 else {
                throw QWaveError(
                    .usage,
                    "\(name) receives at \(centers[0]) Hz and sends at \(centers[1]) Hz though \(wanted) Hz was asked "
                        + "for: choose another frequency or oscillator offset")
            }
            return centers[0]
        }

        func openStreams() throws(QWaveError) {
            try attempt("its streams can't be opened: a lower rate may help") { () throws(UHDFailure) in
                try handles.openStreams()
            }
        }

        /// Waits until nothing moves any more: calibration of the constant offset, and the oscillators' locks.
        func settle(_ frequency: Double) throws(QWaveError) {
            if handles.device.name.hasPrefix("B2") {
                try attempt("it can't be tuned") { () throws(UHDFailure) in
                    let away = frequency + (frequency > 3e9 ? -Self.detour : Self.detour)
                    _ = try handles.device.tune(away, offset: nil, .receive)
                    _ = try handles.device.tune(frequency, offset: settings.oscillatorOffset, .receive)
                }
            }
            for direction in UHDDirection.allCases {
                try wait(
                    "its \(direction) oscillator doesn't lock at \(frequency) Hz: choose another frequency"
                ) {
                    () throws(UHDFailure) in
                    try handles.device.isLocked(direction) ?? true
                }
            }
        }

        private func wait(
            _ advice: String, until ready: () throws(UHDFailure) -> Bool
        ) throws(QWaveError) {
            let deadline = ContinuousClock.now + .seconds(Self.settling)
            while true {
                if try attempt(advice, ready) { return }
                guard ContinuousClock.now < deadline else {
                    throw QWaveError(.radioFault, "\(name): \(advice)")
                }
                Thread.sleep(forTimeInterval: 0.01)
            }
        }
    }
#endif
