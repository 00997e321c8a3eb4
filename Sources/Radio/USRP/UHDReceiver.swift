// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    internal import CUHD
    internal import QWaveCore

    /// One call's worth of received samples.
    struct UHDPacket {
        var count: Int
        /// When the first sample was taken; nil where the device didn't say.
        var time: DeviceTime?
        var endsBurst: Bool
        var isOutOfSequence: Bool
        var error: uhd_rx_metadata_error_code_t
        /// libuhd's words for the error.
        var text: String
    }

    /// A receive stream of channel 0, complex floats here and 16-bit samples on the wire, with its metadata.
    @safe struct UHDReceiver: ~Copyable {
        private let streamer: OpaquePointer
        // An optional, because receiving takes the address of the handle.
        private var metadata: OpaquePointer?

        init(_ device: borrowing UHDDevice) throws(UHDFailure) {
            var streamer: OpaquePointer?
            try UHDLibrary.exclusively { () throws(UHDFailure) in
                try UHDLibrary.check(unsafe uhd_rx_streamer_make(&streamer), "make a receive stream")
            }
            var metadata: OpaquePointer?
            do throws(UHDFailure) {
                unsafe try device.open(.receive) {
                    unsafe uhd_usrp_get_rx_stream($0, $1, streamer)
                } text: {
                    unsafe uhd_rx_streamer_last_error(streamer, $0, $1)
                }
                try UHDLibrary.exclusively { () throws(UHDFailure) in
                    try UHDLibrary.check(unsafe uhd_rx_metadata_make(&metadata), "make receive metadata")
                }
            } catch {
                _ = unsafe uhd_rx_streamer_free(&streamer)
                throw error
            }
            guard let streamer = unsafe streamer else {
                throw UHDFailure(
                    action: "make a receive stream", code: UHD_ERROR_UNKNOWN, text: "no handle came back")
            }
            unsafe self.streamer = streamer
            unsafe self.metadata = metadata
        }

        deinit {
            var oldMetadata = unsafe metadata
            if unsafe oldMetadata != nil { _ = unsafe uhd_rx_metadata_free(&oldMetadata) }
            var oldStreamer: OpaquePointer? = unsafe streamer
            _ = unsafe uhd_rx_streamer_free(&oldStreamer)
        }

        private func check(_ code: uhd_error, _ action: String) throws(UHDFailure) {
            guard code != UHD_ERROR_NONE else { return }
            let text = unsafe UHDLibrary.text { unsafe uhd_rx_streamer_last_error(streamer, $0, $1) }
            throw UHDFailure(action: action, code: code, text: text)
        }

        /// Asks for `count` samples from an instant on, or from now.
        func arm(_ start: DeviceTime?, count: Int) throws(UHDFailure) {
            var command = uhd_stream_cmd_t(
                stream_mode: UHD_STREAM_MODE_NUM_SAMPS_AND_DONE, num_samps: count, stream_now: start == nil,
                time_spec_full_secs: start?.seconds ?? 0, time_spec_frac_secs: start?.fraction ?? 0)
            try check(unsafe uhd_rx_streamer_issue_stream_cmd(streamer, &command), "arm a receive window")
        }

        /// Takes back what was asked for and hasn't come.
        func stop() throws(UHDFailure) {
            var command = uhd_stream_cmd_t(
                stream_mode: UHD_STREAM_MODE_STOP_CONTINUOUS, num_samps: 0, stream_now: true,
                time_spec_full_secs: 0, time_spec_frac_secs: 0)
            try check(unsafe uhd_rx_streamer_issue_stream_cmd(streamer, &command), "stop receiving")
        }

        /// Waits for samples and puts them at the start of `samples`.
        mutating func receive(
            into samples: inout [IQ], room: Int, timeout: Double
        ) throws(UHDFailure) -> UHDPacket {
            var count = 0
            let code = unsafe samples.withUnsafeMutableBytes { bytes in
                var start = bytes.baseAddress
                return unsafe uhd_rx_streamer_recv(
                    streamer, &start, min(room, bytes.count / MemoryLayout<IQ>.stride), &metadata, timeout,
                    false,
                    &count)
            }
            try check(code, "receive")
            var error = UHD_RX_METADATA_ERROR_CODE_NONE
            var (hasTime, ends, outOfSequence) = (false, false, false)
            var (seconds, fraction) = (Int64(0), 0.0)
            _ = unsafe uhd_rx_metadata_error_code(metadata, &error)
            _ = unsafe uhd_rx_metadata_end_of_burst(metadata, &ends)
            _ = unsafe uhd_rx_metadata_out_of_sequence(metadata, &outOfSequence)
            _ = unsafe uhd_rx_metadata_has_time_spec(metadata, &hasTime)
            if hasTime { _ = unsafe uhd_rx_metadata_time_spec(metadata, &seconds, &fraction) }
            let text =
                error == UHD_RX_METADATA_ERROR_CODE_NONE
                ? "" : unsafe UHDLibrary.text { unsafe uhd_rx_metadata_strerror(metadata, $0, $1) }
            return UHDPacket(
                count: count, time: hasTime ? DeviceTime(seconds: seconds, fraction: fraction) : nil,
                endsBurst: ends, isOutOfSequence: outOfSequence, error: error, text: text)
        }
    }

    extension UHDDevice {
        /// Makes a stream of a direction; what went wrong stands in the stream, not in the device.
        func open(
            _ direction: UHDDirection,
            _ body: (OpaquePointer, UnsafeMutablePointer<uhd_stream_args_t>) -> uhd_error,
            text: (UnsafeMutablePointer<CChar>, Int) -> uhd_error
        ) throws(UHDFailure) {
            var (format, wire, none) = (Array("fc32".utf8CString), Array("sc16".utf8CString), [CChar(0)])
            var channel = 0
            let code = unsafe format.withUnsafeMutableBufferPointer { format in
                unsafe wire.withUnsafeMutableBufferPointer { wire in
                    unsafe none.withUnsafeMutableBufferPointer { none in
                        unsafe withUnsafeMutablePointer(to: &channel) { channel in
                            var arguments = unsafe uhd_stream_args_t(
                                cpu_format: format.baseAddress, otw_format: wire.baseAddress,
                                args: none.baseAddress, channel_list: channel, n_channels: 1)
                            return unsafe withHandle { unsafe body($0, &arguments) }
                        }
                    }
                }
            }
            guard code != UHD_ERROR_NONE else { return }
            throw UHDFailure(
                action: "open a \(direction) stream", code: code, text: unsafe UHDLibrary.text(text))
        }
    }
#endif
