// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    public import QWaveCore

    /// A USRP as a transceiver: what stands between the prober and the device's thread.
    struct USRPTransceiver: Transceiver {
        let capabilities: RadioCapabilities
        private let device: USRPDevice

        init(_ arguments: USRPArguments, _ settings: RadioSettings) async throws(QWaveError) {
            device = USRPDevice(arguments)
            capabilities = try await device.open(arguments, settings)
        }

        func now() async throws(QWaveError) -> DeviceTime { try await device.now() }

        func transmit(_ burst: TransmitBurst) async throws(QWaveError) { try await device.transmit(burst) }

        func receive(_ window: ReceiveWindow) async throws(QWaveError) -> ReceivedSamples {
            try await device.receive(window)
        }

        func events() async throws(QWaveError) -> [RadioEvent] { try await device.events() }

        func close() async { await device.close() }
    }

    /// USRPs through libuhd: takes every `--radio` text that names no other driver.
    public struct USRPDriver: RadioDriver {
        public init() {}
        public var scheme: String? { nil }
        public var help: String {
            "UHD's own arguments, like addr=192.168.10.2 or type=b200 (and lead= and latency= in seconds, simulated=1 "
                + "where no air is between the antennas)"
        }

        public func open(
            _ arguments: String, as role: Party.Role, _ settings: RadioSettings
        ) async throws(QWaveError) -> any Transceiver {
            try await USRPTransceiver(try USRPArguments(arguments), settings)
        }
    }
#endif
