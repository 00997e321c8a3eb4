// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelModels
public import QWaveCore

/// One end's radio in an ether of this process. Never clips, never fails, and is late only where its user is.
public struct VirtualTransceiver: Transceiver {
    static let longestWindow = 1 << 16

    private let ether: Ether
    private let end: SimulatedEnd

    init(ether: Ether, end: SimulatedEnd) {
        self.ether = ether
        self.end = end
    }

    public var capabilities: RadioCapabilities {
        let waveform = ether.parameters.waveform
        let channel = waveform.channel
        return RadioCapabilities(
            name: "virtual \(channel.model.name), \(channel.speed) m/s, seed \(channel.channelSeed)",
            sampleRate: waveform.sampleRate, carrierFrequency: channel.carrierFrequency,
            leadTime: ether.parameters.leadTime, turnaround: ether.parameters.leadTime,
            longestWindow: Self.longestWindow, simulated: true)
    }

    private var closed: QWaveError {
        QWaveError(.radioFault, "the virtual radio of \(end.rawValue) was closed, or its task cancelled")
    }

    public func now() async throws(QWaveError) -> DeviceTime {
        guard let now = ether.now(end) else { throw closed }
        return now
    }

    public func transmit(_ burst: TransmitBurst) async throws(QWaveError) {
        guard ether.transmit(burst, from: end) else { throw closed }
    }

    public func receive(_ window: ReceiveWindow) async throws(QWaveError) -> ReceivedSamples {
        if Task.isCancelled { throw QWaveError(.cancelled, "receiving was cancelled") }
        guard let samples = await ether.receive(window, at: end) else {
            if Task.isCancelled { throw QWaveError(.cancelled, "receiving was cancelled") }
            throw closed
        }
        return samples
    }

    public func events() async throws(QWaveError) -> [RadioEvent] {
        guard let events = ether.events(end) else { throw closed }
        return events
    }

    public func rest() async { ether.rest(end) }
    public func close() async { ether.leave(end) }
}
