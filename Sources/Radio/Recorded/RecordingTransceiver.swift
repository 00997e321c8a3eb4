// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore
internal import Synchronization

/// A radio whose windows are written to a SigMF recording as they come; `file:` plays them back.
///
/// Every window is in it, one that brought nothing too, or what is played would answer other probes than it did. The
/// recording is whole when `finish()` returned; what was sent isn't in it.
public final class RecordingTransceiver: Transceiver {
    private struct State {
        var recording: WindowRecording
        var file: FileHandle?
        var count = 0
        var failure: QWaveError?
    }

    private let base: any Transceiver
    private let paths: (meta: String, data: String)
    private let state: Mutex<State>

    /// - Parameter name: of the recording; `.sigmf-meta` and `.sigmf-data` are put behind it.
    public init(_ base: any Transceiver, to name: String) throws(QWaveError) {
        self.base = base
        paths = WindowRecording.paths(name)
        // The description of an older recording would tell of other samples.
        let old = try? FileManager.default.attributesOfItem(atPath: paths.meta)
        if old?[.type] as? FileAttributeType == .typeRegular {
            try? FileManager.default.removeItem(atPath: paths.meta)
        }
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
        var bytes: [UInt8] = []
        bytes.reserveCapacity(received.samples.count * 8)
        for sample in received.samples {
            for part in [sample.re.bitPattern, sample.im.bitPattern] {
                for shift in stride(from: 0, to: 32, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: part >> UInt32(shift)))
                }
            }
        }
        let path = paths.data
        try state.withLock { (state) throws(QWaveError) in
            do { try state.file?.write(contentsOf: bytes) } catch {
                throw QWaveError(.storage, "\(path) can't be written; is the disk full?", cause: error)
            }
            state.recording.captures.append(
                WindowRecording.Segment(
                    received, at: state.count, frequency: base.capabilities.carrierFrequency))
            state.count += received.samples.count
        }
        return received
    }

    /// Closes the radio and writes the recording's description. What it throws, `close()` keeps in `failure`.
    ///
    /// - Throws: `.storage` where that can't be written: the recording can't be played then.
    public func finish() async throws(QWaveError) {
        await close()
        if let failure { throw failure }
    }

    /// Why the recording isn't whole; nil where it is, or isn't finished.
    public var failure: QWaveError? { state.withLock { $0.failure } }

    public func close() async {
        let paths = paths
        state.withLock { state in
            guard let file = state.file else { return }
            state.file = nil
            do {
                try file.close()
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                try encoder.encode(state.recording).write(
                    to: URL(fileURLWithPath: paths.meta), options: .atomic)
            } catch {
                state.failure = QWaveError(
                    .storage,
                    "\(paths.meta) can't be written, so \(paths.data) can't be played; is the disk full, or the name "
                        + "a folder's?", cause: error)
            }
        }
        await base.close()
    }
}
