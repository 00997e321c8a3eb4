// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore

/// What a recording of windows says of itself: SigMF 1.0 metadata, one capture segment for each window.
///
/// Samples are `cf32_le`. A segment's instant stands in two integers of our own namespace, whole seconds and
/// attoseconds of the device's clock, for SigMF's own times are calendar times. A window that brought nothing is a
/// segment without samples: the next one starts where it does. `qwave:clipped` counts the samples at full scale, and
/// `qwave:trouble` with `qwave:detail` says why a window isn't whole; neither stands where there is nothing to say.
struct WindowRecording: Codable {
    struct Global: Codable {
        var datatype = "cf32_le"
        var rate: Double
        var version = "1.0.0"
        var hardware: String
        var simulated: Bool

        enum CodingKeys: String, CodingKey {
            case datatype = "core:datatype"
            case rate = "core:sample_rate"
            case version = "core:version"
            case hardware = "core:hw"
            case simulated = "qwave:simulated"
        }
    }

    struct Segment: Codable {
        var start: Int
        var frequency: Double
        var seconds: Int64
        var attoseconds: Int64
        var clipped: Int?
        var trouble: String?
        var detail: String?

        enum CodingKeys: String, CodingKey {
            case start = "core:sample_start"
            case frequency = "core:frequency"
            case seconds = "qwave:seconds"
            case attoseconds = "qwave:attoseconds"
            case clipped = "qwave:clipped"
            case trouble = "qwave:trouble"
            case detail = "qwave:detail"
        }

        /// The segment of a window whose samples stand at a place of the recording.
        init(_ received: ReceivedSamples, at start: Int, frequency: Double) {
            self.start = start
            self.frequency = frequency
            (seconds, attoseconds) = received.start.sinceZero.components
            clipped = received.clipped > 0 ? received.clipped : nil
            trouble = received.trouble?.kind.name
            detail = received.trouble.flatMap { $0.detail.isEmpty ? nil : $0.detail }
        }

        /// The window again, with its samples.
        func received(_ samples: [IQ]) -> ReceivedSamples {
            ReceivedSamples(
                start: time, samples: samples,
                trouble: trouble.map { RadioEvent(RadioEvent.Kind($0), detail: detail ?? "") },
                clipped: clipped ?? 0)
        }

        var time: DeviceTime {
            DeviceTime(Duration(secondsComponent: seconds, attosecondsComponent: attoseconds))
        }
    }

    var global: Global
    var captures: [Segment]
    var annotations: [String] = []

    static func paths(_ name: String) -> (meta: String, data: String) {
        var stem = name
        for ending in [".sigmf-meta", ".sigmf-data", ".sigmf"] where stem.hasSuffix(ending) {
            stem.removeLast(ending.count)
            break
        }
        return (stem + ".sigmf-meta", stem + ".sigmf-data")
    }

    /// The description of a recording. Throws `.unavailable` or `.badInput`.
    init(reading name: String) throws(QWaveError) {
        let path = Self.paths(name).meta
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw QWaveError(.unavailable, "\(path) can't be read; check the name and the permissions")
        }
        do {
            self = try JSONDecoder().decode(WindowRecording.self, from: bytes)
        } catch {
            throw QWaveError(
                .badInput, "\(path) is no recording of a radio's windows (qwave probe --record makes one)",
                cause: error)
        }
        var last = 0
        for segment in captures {
            guard segment.start >= last, segment.seconds.magnitude < 1 << 40,
                segment.attoseconds.magnitude < 1_000_000_000_000_000_000, segment.clipped ?? 0 >= 0
            else { throw QWaveError(.badInput, "\(path): a segment's place, time or count can't be") }
            last = segment.start
        }
        guard global.datatype == "cf32_le", (1e3...1e9).contains(global.rate), !captures.isEmpty else {
            throw QWaveError(.badInput, "\(path): there are no windows of cf32_le samples at a sensible rate")
        }
    }

    init(radio: RadioCapabilities) {
        global = Global(rate: radio.sampleRate, hardware: radio.name, simulated: radio.simulated)
        captures = []
    }
}
