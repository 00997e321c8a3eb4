// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore
internal import Synchronization

/// A radio whose windows are written to a SigMF recording as they come; `file:` plays them back.
///
/// The recording is whole when the radio was closed; what was sent isn't in it.
public final class RecordingTransceiver: Transceiver {
    private struct State {
        var recording: WindowRecording
        var file: FileHandle?
        var count = 0
    }

    private let base: any Transceiver
    private let paths: (meta: String, data: String)
    private let state: Mutex<State>

    /// - Parameter name: of the recording; `.sigmf-meta` and `.sigmf-data` are put behind it.
    public init(_ base: any Transceiver, to name: String) throws(QWaveError) {
        self.base = base
        paths = WindowRecording.paths(name)
        guard FileManager.default.createFile(atPath: paths.data, contents: nil),
            let file = FileHandle(forWritingAtPath: paths.data)
        else { throw QWaveError(.storage, "\(paths.data) can't be written") }
        state = Mutex(State(recording: WindowRecording(radio: base.capabilities), file: file))
    }

    public var capabilities: RadioCapabilities { base.capabilities }
    public func now() async throws(QWaveError) -> DeviceTime { try await base.now() }
    public func transmit(_ burst: TransmitBurst) async throws(QWaveError) { try await base.transmit(burst) }
    public func events() async throws(QWaveError) -> [RadioEvent] { try await base.events() }
    public func rest() async { await base.rest() }

    public func receive(_ window: ReceiveWindow) async throws(QWaveError) -> ReceivedSamples {
        let received = try await base.receive(window)
        guard !received.samples.isEmpty else { return received }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(received.samples.count * 8)
        for sample in received.samples {
            for part in [sample.re.bitPattern, sample.im.bitPattern] {
                for shift in stride(from: 0, to: 32, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: part >> UInt32(shift)))
                }
            }
        }
        let (seconds, attoseconds) = received.start.sinceZero.components
        let path = paths.data
        try state.withLock { (state) throws(QWaveError) in
            do { try state.file?.write(contentsOf: bytes) } catch {
                throw QWaveError(.storage, "\(path) can't be written; is the disk full?", cause: error)
            }
            state.recording.captures.append(
                WindowRecording.Segment(
                    start: state.count, frequency: base.capabilities.carrierFrequency, seconds: seconds,
                    attoseconds: attoseconds))
            state.count += received.samples.count
        }
        return received
    }

    public func close() async {
        let path = paths.meta
        state.withLock { state in
            guard let file = state.file else { return }
            state.file = nil
            try? file.close()
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            if let bytes = try? encoder.encode(state.recording) {
                try? bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
            }
        }
        await base.close()
    }
}
