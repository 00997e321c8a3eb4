// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import Pairing
import QWaveCore
import Secrecy

@testable import CaptureFormats
@testable import OneTimePad

extension Surface {
    static func captures(_ bytes: [UInt8]) {
        var choices = Choices(bytes)
        let choice = choices.byte()
        let rest = Array(choices.rest)
        refusing(with: .badInput) { () throws(QWaveError) in
            _ = try SigMFDescription(bytes: rest, name: "fuzz")
        }
        let formats: [CaptureFormat?] = [nil] + CaptureFormat.allCases
        let options = CaptureOptions(
            allColumns: choice & 8 != 0, allowTruncated: choice & 16 != 0,
            format: formats[(choice & 7) % formats.count])
        refusing(with: .badInput, .usage) { () throws(QWaveError) in
            let capture = try CaptureReader.decode(rest, name: "fuzz", options: options)
            precondition(capture.trace.gains.allSatisfy { $0.isFinite })
            _ = try capture.summary(packet: capture.packetCount > 0 ? 0 : nil)
            precondition(capture.scaledTrace().gains.allSatisfy { $0.isFinite })
        }
    }

    static func documents(_ bytes: [UInt8]) {
        refusing(with: .badInput) { () throws(QWaveError) in
            let certificate = try Certificate(json: bytes)
            // Reading and writing are one another's inverse.
            let written = try certificate.json()
            let again = try Certificate(json: written).json()
            precondition(again == written)
            _ = certificate.verifyArithmetic()
        }
        refusing(with: .badInput) { () throws(QWaveError) in
            let model = try ThreatModel(json: bytes)
            let again = try ThreatModel(json: try model.json())
            precondition(again == model)
            _ = model.refusals
        }
        refusing(with: .badInput) { () throws(QWaveError) in
            _ = try CommissioningState(json: bytes)
        }
        refusing(with: .badInput) { () throws(QWaveError) in
            _ = try SymbolPool(json: bytes)
        }
    }

    static func pad(_ bytes: [UInt8]) {
        refusing(with: .notAuthenticated) { () throws(QWaveError) in
            let header = try FrameHeader(bytes)
            precondition(header.bytes == bytes)
        }
        if let record = JournalRecord(bytes) { precondition(record.encoded == bytes) }
        refusing(with: .protocolViolation) { () throws(QWaveError) in
            _ = try IndexRecord(bytes)
        }
        _ = MessagePart(bytes)
    }

    static func samples(_ bytes: [UInt8]) {
        var choices = Choices(bytes)
        let choice = choices.byte()
        let formats = IQFormat.allCases
        let format = formats[choice % formats.count]
        // A burst that is there, so that what looks behind a preamble is reached.
        var samples = choice & 64 == 0 ? [] : Self.burst
        let rest = Array(choices.rest)
        refusing(with: .badInput) { () throws(QWaveError) in
            let read = try format.decode(rest, name: "fuzz")
            for (index, sample) in read.enumerated() where index < samples.count {
                samples[index] = samples[index] + sample
            }
            samples += read.dropFirst(samples.count)
        }
        guard let secret = try? SoundingSecret(bytes: [UInt8](repeating: 7, count: SoundingSecret.byteCount))
        else { return }
        refusing { () throws(QWaveError) in
            var receiver = try SoundingReceiver(sampleRate: 20e6) { _, _ in secret }
            let soundings = receiver.receive(samples) + receiver.finish()
            for sounding in soundings { precondition(sounding.gains.count == SoundingBurst.tones.count) }
            var preambles = try PreambleReceiver(LegacyPreamble(), sampleRate: 20e6, kept: 4000)
            let frames = preambles.receive(samples) + preambles.finish()
            for width in [ChannelWidth.mhz20, .mhz40] {
                let estimator = TrainingEstimator(try TrainingField(.vht, width: width, streams: 1))
                for frame in frames {
                    _ = estimator.format(of: frame, sampleRate: 20e6)
                    _ = estimator.signal(of: frame, sampleRate: 20e6)
                    _ = estimator.estimate(frame, sampleRate: 20e6)
                }
            }
        }
    }

    private static let burst: [IQ] = {
        guard let secret = try? SoundingSecret(bytes: [UInt8](repeating: 7, count: SoundingSecret.byteCount))
        else { return [] }
        return SoundingBurst(sequence: 5, sender: .initiator, secret: secret).samples
    }()
}
