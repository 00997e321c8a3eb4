// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    internal import CUHD

    /// libuhd's handle of one device, channel 0 of board 0; given back when it goes.
    ///
    /// Opening a device that isn't there leaves no handle, and freeing none would crash: so there is a value of
    /// this type only where opening succeeded.
    @safe struct UHDDevice: ~Copyable {
        private let handle: OpaquePointer

        init(_ arguments: String) throws(UHDFailure) {
            var made: OpaquePointer?
            try UHDLibrary.exclusively { () throws(UHDFailure) in
                try UHDLibrary.check(unsafe uhd_usrp_make(&made, arguments), "open '\(arguments)'")
            }
            guard let made = unsafe made else {
                throw UHDFailure(
                    action: "open '\(arguments)'", code: UHD_ERROR_UNKNOWN, text: "no handle came back")
            }
            unsafe handle = made
        }

        deinit {
            var old: OpaquePointer? = unsafe handle
            _ = unsafe uhd_usrp_free(&old)
        }

        /// Calls into the device; a failure brings the device's own text.
        func call(_ action: String, _ body: (OpaquePointer) -> uhd_error) throws(UHDFailure) {
            let code = unsafe body(handle)
            guard code != UHD_ERROR_NONE else { return }
            let text = unsafe UHDLibrary.text { unsafe uhd_usrp_last_error(handle, $0, $1) }
            throw UHDFailure(action: action, code: code, text: text)
        }

        /// For what reports its errors elsewhere.
        func withHandle<Result>(_ body: (OpaquePointer) -> Result) -> Result { unsafe body(handle) }

        private func number(
            _ action: String, _ body: (OpaquePointer, UnsafeMutablePointer<Double>) -> uhd_error
        ) throws(UHDFailure) -> Double {
            var result = 0.0
            unsafe try call(action) { unsafe body($0, &result) }
            return result
        }

        var name: String { unsafe UHDLibrary.text { unsafe uhd_usrp_get_mboard_name(handle, 0, $0, $1) } }

        /// Whether the device says of itself that it is a program: MPM's simulator, and what is made of it, put
        /// "SIMULATED" behind the product's name.
        var isSimulated: Bool {
            unsafe UHDLibrary.text { unsafe uhd_usrp_get_pp_string(handle, $0, $1) }.contains("SIMULATED")
        }

        func time() throws(UHDFailure) -> DeviceTime {
            var (seconds, fraction) = (Int64(0), 0.0)
            unsafe try call("read the device's time") {
                unsafe uhd_usrp_get_time_now($0, 0, &seconds, &fraction)
            }
            return DeviceTime(seconds: seconds, fraction: fraction)
        }

        func setClockSource(_ source: String) throws(UHDFailure) {
            unsafe try call("set the clock source") { unsafe uhd_usrp_set_clock_source($0, source, 0) }
        }

        func masterClockRate() throws(UHDFailure) -> Double {
            unsafe try number("read the master clock") { unsafe uhd_usrp_get_master_clock_rate($0, 0, $1) }
        }

        func setMasterClockRate(_ rate: Double) throws(UHDFailure) {
            unsafe try call("fix the master clock") { unsafe uhd_usrp_set_master_clock_rate($0, rate, 0) }
        }

        /// Sets a direction's rate, and tells which it became.
        func setRate(_ rate: Double, _ direction: UHDDirection) throws(UHDFailure) -> Double {
            let action = "set the \(direction) rate"
            switch direction {
            case .receive:
                unsafe try call(action) { unsafe uhd_usrp_set_rx_rate($0, rate, 0) }
                return unsafe try number(action) { unsafe uhd_usrp_get_rx_rate($0, 0, $1) }
            case .transmit:
                unsafe try call(action) { unsafe uhd_usrp_set_tx_rate($0, rate, 0) }
                return unsafe try number(action) { unsafe uhd_usrp_get_tx_rate($0, 0, $1) }
            }
        }

        func setGain(_ gain: Double, _ direction: UHDDirection) throws(UHDFailure) {
            unsafe try call("set the \(direction) gain") { device in
                switch direction {
                case .receive: unsafe uhd_usrp_set_rx_gain(device, gain, 0, "")
                case .transmit: unsafe uhd_usrp_set_tx_gain(device, gain, 0, "")
                }
            }
        }

        func gain(_ direction: UHDDirection) throws(UHDFailure) -> Double {
            unsafe try number("read the \(direction) gain") { device, result in
                switch direction {
                case .receive: unsafe uhd_usrp_get_rx_gain(device, 0, "", result)
                case .transmit: unsafe uhd_usrp_get_tx_gain(device, 0, "", result)
                }
            }
        }

        /// Switches automatic gain off; a device that has none says so, which is as good.
        func disableAutomaticGain() {
            try? unsafe call("switch automatic gain off") { unsafe uhd_usrp_set_rx_agc($0, false, 0) }
        }

        func setAntenna(_ antenna: String, _ direction: UHDDirection) throws(UHDFailure) {
            unsafe try call("choose the \(direction) antenna \(antenna)") { device in
                switch direction {
                case .receive: unsafe uhd_usrp_set_rx_antenna(device, antenna, 0)
                case .transmit: unsafe uhd_usrp_set_tx_antenna(device, antenna, 0)
                }
            }
        }

        func antenna(_ direction: UHDDirection) -> String {
            unsafe UHDLibrary.text {
                switch direction {
                case .receive: unsafe uhd_usrp_get_rx_antenna(handle, 0, $0, $1)
                case .transmit: unsafe uhd_usrp_get_tx_antenna(handle, 0, $0, $1)
                }
            }
        }

        /// Tunes a direction, its local oscillator `offset` Hz above the channel's center where one is given.
        /// Returns the center that came out.
        func tune(
            _ frequency: Double, offset: Double?, _ direction: UHDDirection
        ) throws(UHDFailure) -> Double {
            var result = uhd_tune_result_t()
            // The arguments of a request must be a text, never NULL.
            var none: [CChar] = [0]
            unsafe try none.withUnsafeMutableBufferPointer { text throws(UHDFailure) in
                var request = unsafe uhd_tune_request_t(
                    target_freq: frequency,
                    rf_freq_policy: offset == nil
                        ? UHD_TUNE_REQUEST_POLICY_AUTO : UHD_TUNE_REQUEST_POLICY_MANUAL,
                    rf_freq: frequency + (offset ?? 0), dsp_freq_policy: UHD_TUNE_REQUEST_POLICY_AUTO,
                    dsp_freq: 0,
                    args: text.baseAddress)
                unsafe try call("tune to \(frequency) Hz") { device in
                    switch direction {
                    case .receive: unsafe uhd_usrp_set_rx_freq(device, &request, 0, &result)
                    case .transmit: unsafe uhd_usrp_set_tx_freq(device, &request, 0, &result)
                    }
                }
            }
            let action = "read the \(direction) frequency"
            switch direction {
            case .receive: return unsafe try number(action) { unsafe uhd_usrp_get_rx_freq($0, 0, $1) }
            case .transmit: return unsafe try number(action) { unsafe uhd_usrp_get_tx_freq($0, 0, $1) }
            }
        }

        /// Whether a direction's oscillator is locked; nil where the device has no such sensor.
        func isLocked(_ direction: UHDDirection) throws(UHDFailure) -> Bool? {
            var names = try UHDStrings()
            unsafe try names.fill("list sensors") {
                switch direction {
                case .receive: unsafe uhd_usrp_get_rx_sensor_names(handle, 0, $0)
                case .transmit: unsafe uhd_usrp_get_tx_sensor_names(handle, 0, $0)
                }
            }
            guard names.values.contains("lo_locked") else { return nil }
            return unsafe try sensor("lo_locked") {
                switch direction {
                case .receive: unsafe uhd_usrp_get_rx_sensor(handle, "lo_locked", 0, $0)
                case .transmit: unsafe uhd_usrp_get_tx_sensor(handle, "lo_locked", 0, $0)
                }
            }
        }

        /// Whether the board follows its reference; nil where it has no such sensor.
        func hasReference() throws(UHDFailure) -> Bool? {
            var names = try UHDStrings()
            unsafe try names.fill("list sensors") { unsafe uhd_usrp_get_mboard_sensor_names(handle, 0, $0) }
            guard names.values.contains("ref_locked") else { return nil }
            return unsafe try sensor("ref_locked") {
                unsafe uhd_usrp_get_mboard_sensor(handle, "ref_locked", 0, $0)
            }
        }

        private func sensor(
            _ name: String, _ body: (UnsafeMutablePointer<OpaquePointer?>) -> uhd_error
        ) throws(UHDFailure) -> Bool {
            var value: OpaquePointer?
            unsafe try call("make a sensor value") { _ in unsafe uhd_sensor_value_make(&value) }
            defer { if unsafe value != nil { _ = unsafe uhd_sensor_value_free(&value) } }
            var result = false
            unsafe try call("read \(name)") { _ in unsafe body(&value) }
            unsafe try call("read \(name)") { _ in unsafe uhd_sensor_value_to_bool(value, &result) }
            return result
        }
    }

    enum UHDDirection: String, Sendable, CaseIterable, CustomStringConvertible {
        case receive, transmit
        var description: String { rawValue }
    }
#endif
