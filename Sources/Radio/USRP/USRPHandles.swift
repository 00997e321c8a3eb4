// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    internal import QWaveCore

    /// Everything of libuhd that belongs to one opened device, given back in the reverse order of its making.
    ///
    /// Confined to the device's thread.
    final class USRPHandles {
        let device: UHDDevice
        private var streams: Streams?

        private struct Streams: ~Copyable {
            var receiver: UHDReceiver
            var transmitter: UHDTransmitter
        }

        init(_ arguments: String) throws(UHDFailure) { device = try UHDDevice(arguments) }

        // Streams go before their device: members would go in an order that nobody promises.
        deinit { streams = nil }

        /// Opens both streams; comes after rates and before the first look at the device's time.
        func openStreams() throws(UHDFailure) {
            let receiver = try UHDReceiver(device)
            streams = Streams(receiver: receiver, transmitter: try UHDTransmitter(device))
        }

        func arm(_ start: DeviceTime?, count: Int) throws(UHDFailure) {
            try streams?.receiver.arm(start, count: count)
        }

        func stopReceiving() throws(UHDFailure) { try streams?.receiver.stop() }

        func receive(into samples: inout [IQ], room: Int, timeout: Double) throws(UHDFailure) -> UHDPacket {
            guard
                let packet = try streams?.receiver.receive(into: &samples, room: room, timeout: timeout)
            else { throw Self.unopened }
            return packet
        }

        func send(_ samples: [IQ], at start: DeviceTime, timeout: Double) throws(UHDFailure) -> Int {
            guard let sent = try streams?.transmitter.send(samples, at: start, timeout: timeout) else {
                throw Self.unopened
            }
            return sent
        }

        func endBurst() throws(UHDFailure) { try streams?.transmitter.endBurst() }

        func event(timeout: Double) throws(UHDFailure) -> UHDTransmitEvent? {
            try streams?.transmitter.event(timeout: timeout) ?? nil
        }

        private static var unopened: UHDFailure { UHDFailure(action: "stream", text: "no stream is open") }
    }
#endif
