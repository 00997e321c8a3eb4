// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    internal import CUHD
    internal import QWaveCore

    /// One of the device's messages about what it sent.
    struct UHDTransmitEvent {
        var code: uhd_async_metadata_event_code_t
        var time: DeviceTime?
    }

    /// A transmit stream of channel 0, complex floats here and 16-bit samples on the wire, with its event queue.
    @safe struct UHDTransmitter: ~Copyable {
        private let streamer: OpaquePointer
        // An optional, because reading events takes the address of the handle.
        private var metadata: OpaquePointer?

        init(_ device: borrowing UHDDevice) throws(UHDFailure) {
            var streamer: OpaquePointer?
            try UHDLibrary.exclusively { () throws(UHDFailure) in
                try UHDLibrary.check(unsafe uhd_tx_streamer_make(&streamer), "make a transmit stream")
            }
            var metadata: OpaquePointer?
            do throws(UHDFailure) {
                unsafe try device.open(.transmit) {
                    unsafe uhd_usrp_get_tx_stream($0, $1, streamer)
                } text: {
                    unsafe uhd_tx_streamer_last_error(streamer, $0, $1)
                }
                try UHDLibrary.exclusively { () throws(UHDFailure) in
                    try UHDLibrary.check(unsafe uhd_async_metadata_make(&metadata), "make event metadata")
                }
            } catch {
                _ = unsafe uhd_tx_streamer_free(&streamer)
                throw error
            }
            guard let streamer = unsafe streamer else {
                throw UHDFailure(
                    action: "make a transmit stream", code: UHD_ERROR_UNKNOWN, text: "no handle came back")
            }
            unsafe self.streamer = streamer
            unsafe self.metadata = metadata
        }

        deinit {
            var oldMetadata = unsafe metadata
            if unsafe oldMetadata != nil { _ = unsafe uhd_async_metadata_free(&oldMetadata) }
            var oldStreamer: OpaquePointer? = unsafe streamer
            _ = unsafe uhd_tx_streamer_free(&oldStreamer)
        }

        private func check(_ code: uhd_error, _ action: String) throws(UHDFailure) {
            guard code != UHD_ERROR_NONE else { return }
            let text = unsafe UHDLibrary.text { unsafe uhd_tx_streamer_last_error(streamer, $0, $1) }
            throw UHDFailure(action: action, code: code, text: text)
        }

        /// Hands over a whole burst that starts at an instant and ends with its last sample. Returns how many samples
        /// were taken before the time ran out.
        ///
        /// Packet by packet, with a time on the first alone: cutting a long burst itself, libuhd gives each packet a
        /// time that it computes from a rate which isn't the stream's on every device.
        func send(_ samples: [IQ], at start: DeviceTime, timeout: Double) throws(UHDFailure) -> Int {
            var packet = 0
            try check(unsafe uhd_tx_streamer_max_num_samps(streamer, &packet), "read the packet size")
            var sent = 0
            repeat {
                let end = min(sent + max(1, packet), samples.count)
                let taken = try send(
                    samples, sent..<end, at: sent == 0 ? start : nil, ends: end == samples.count,
                    timeout: timeout)
                sent += taken
                if sent < end { break }
            } while sent < samples.count
            return sent
        }

        /// Ends a burst that broke off: without its end the device would wait for more.
        func endBurst() throws(UHDFailure) {
            _ = try send([], 0..<0, at: nil, ends: true, timeout: 0.1)
        }

        private func send(
            _ samples: [IQ], _ range: Range<Int>, at start: DeviceTime?, ends: Bool, timeout: Double
        ) throws(UHDFailure) -> Int {
            var metadata: OpaquePointer?
            try UHDLibrary.exclusively { () throws(UHDFailure) in
                try UHDLibrary.check(
                    unsafe uhd_tx_metadata_make(
                        &metadata, start != nil, start?.seconds ?? 0, start?.fraction ?? 0, start != nil, ends
                    ),
                    "make burst metadata")
            }
            defer { _ = unsafe uhd_tx_metadata_free(&metadata) }
            var sent = 0
            let code = unsafe samples.withUnsafeBufferPointer { buffer in
                var first = unsafe UnsafeRawPointer(buffer.baseAddress.map { unsafe $0 + range.lowerBound })
                return unsafe uhd_tx_streamer_send(streamer, &first, range.count, &metadata, timeout, &sent)
            }
            try check(code, "send a burst")
            return sent
        }

        /// The next event, or nil when none comes in time.
        mutating func event(timeout: Double) throws(UHDFailure) -> UHDTransmitEvent? {
            var isValid = false
            try check(
                unsafe uhd_tx_streamer_recv_async_msg(streamer, &metadata, timeout, &isValid),
                "read transmit events")
            guard isValid else { return nil }
            var code = UHD_ASYNC_METADATA_EVENT_CODE_BURST_ACK
            var hasTime = false
            var (seconds, fraction) = (Int64(0), 0.0)
            _ = unsafe uhd_async_metadata_event_code(metadata, &code)
            _ = unsafe uhd_async_metadata_has_time_spec(metadata, &hasTime)
            if hasTime { _ = unsafe uhd_async_metadata_time_spec(metadata, &seconds, &fraction) }
            return UHDTransmitEvent(
                code: code, time: hasTime ? DeviceTime(seconds: seconds, fraction: fraction) : nil)
        }
    }
#endif
