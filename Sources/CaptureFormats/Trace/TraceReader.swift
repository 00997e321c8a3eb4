// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Reader of a whole QWave trace that is in memory; ``TraceDecoder`` reads one in pieces.
public enum TraceReader {
    /// - Throws: `.badInput` with the byte offset for damage, a newer version, or a file that is cut off.
    public static func decode(
        _ bytes: [UInt8], name: String, options: CaptureOptions = CaptureOptions()
    ) throws(QWaveError) -> Capture {
        var decoder = TraceDecoder(name: name)
        decoder.push(bytes)
        var trace: ChannelTrace?
        while let snapshot = try decoder.next() {
            if trace == nil { trace = decoder.description.map { ChannelTrace(description: $0) } }
            trace?.append(snapshot)
        }
        var truncation: String?
        do throws(QWaveError) {
            try decoder.finish()
        } catch {
            guard options.allowTruncated, decoder.isCutOff, decoder.description != nil else { throw error }
            truncation = error.message
        }
        var capture = Capture(
            format: .trace, description: decoder.description ?? .init(format: "", quantity: .complexGain))
        if let trace { capture.trace = trace }
        capture.truncation = truncation
        if !capture.trace.isEmpty, capture.trace.sequence(at: 0) != nil {
            capture.sequenceSource = "sequence"
        }
        return capture
    }
}
