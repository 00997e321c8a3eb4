// SPDX-License-Identifier: GPL-3.0-or-later
internal import CaptureFormats
internal import Foundation
public import QWaveCore
internal import Synchronization

/// A radio that plays the windows of a recording, one after the other, whatever is asked for; what is sent goes nowhere
/// and is acknowledged. When the recording is over its clock runs far ahead, so that a series ends as by silence.
public final class PlaybackTransceiver: Transceiver {
    private struct State {
        var next = 0
        var now: DeviceTime
        var events: [RadioEvent] = []
        var isClosed = false
    }

    public let capabilities: RadioCapabilities
    private let recording: WindowRecording
    private let bytes: Data
    private let state: Mutex<State>

    /// - Parameter name: of the recording, or either of its files.
    public init(_ name: String) throws(QWaveError) {
        recording = try WindowRecording(reading: name)
        let path = WindowRecording.paths(name).data
        do {
            bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        } catch {
            throw QWaveError(
                .unavailable, "\(path) can't be read; check the name and the permissions", cause: error)
        }
        guard let last = recording.captures.last, last.start <= bytes.count / 8, bytes.count % 8 == 0 else {
            throw QWaveError(.badInput, "\(path) is cut off: its description tells of more samples")
        }
        capabilities = RadioCapabilities(
            name: "recording \(name) of \(recording.global.hardware)", sampleRate: recording.global.rate,
            carrierFrequency: recording.captures[0].frequency, leadTime: .zero, turnaround: .zero,
            longestWindow: 1 << 20, simulated: recording.global.simulated)
        state = Mutex(State(now: recording.captures[0].time))
    }

    private static let closed = QWaveError(.radioFault, "the recorded radio was closed")

    public func now() async throws(QWaveError) -> DeviceTime {
        let (isClosed, now) = state.withLock { ($0.isClosed, $0.now) }
        guard !isClosed else { throw Self.closed }
        return now
    }

    public func transmit(_ burst: TransmitBurst) async throws(QWaveError) {
        state.withLock { $0.events.append(RadioEvent(.acknowledged, burst: burst.id, time: burst.start)) }
    }

    public func receive(_ window: ReceiveWindow) async throws(QWaveError) -> ReceivedSamples {
        let (index, isClosed) = state.withLock { state in
            defer { state.next += 1 }
            return (state.next, state.isClosed)
        }
        guard !isClosed else { throw Self.closed }
        guard index < recording.captures.count else {
            let now = state.withLock { state in
                state.now = state.now.advanced(by: .seconds(100_000))
                return state.now
            }
            return ReceivedSamples(start: now, samples: [])
        }
        let segment = recording.captures[index]
        let end = index + 1 < recording.captures.count ? recording.captures[index + 1].start : bytes.count / 8
        let piece = Array(bytes[bytes.startIndex + segment.start * 8..<bytes.startIndex + end * 8])
        let samples = try IQFormat.fc32.decode(piece, name: capabilities.name, base: segment.start * 8)
        state.withLock {
            $0.now = segment.time.advanced(bySeconds: Double(samples.count) / capabilities.sampleRate)
        }
        return segment.received(samples)
    }

    public func events() async throws(QWaveError) -> [RadioEvent] {
        state.withLock { state in
            defer { state.events = [] }
            return state.events
        }
    }

    public func close() async { state.withLock { $0.isClosed = true } }
}

/// `--radio file:NAME`: a recording of a radio's windows.
public struct PlaybackDriver: RadioDriver {
    public init() {}
    public var scheme: String? { "file" }
    public var help: String { "file:NAME plays a recording that qwave probe --record made" }

    public func open(
        _ arguments: String, as role: Party.Role, _ settings: RadioSettings
    ) async throws(QWaveError) -> any Transceiver {
        guard !arguments.isEmpty else { throw QWaveError(.usage, "name the recording, as in file:walk") }
        return try PlaybackTransceiver(arguments)
    }
}
