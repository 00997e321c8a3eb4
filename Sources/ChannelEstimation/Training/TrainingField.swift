// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The long training fields of HT and VHT frames (IEEE 802.11-2020, 19.3.9.4.6 and 21.3.8.3.5): one symbol of
/// 80·m samples for one stream, two for two, four for three or four.
public struct TrainingField: Sendable {
    /// Which amendment's frame the field stands in.
    public enum Format: String, Sendable, Codable {
        case ht, vht
    }

    public let format: Format
    public let width: ChannelWidth
    /// Space-time streams that the field trains.
    public let streams: Int
    /// Tone indices, ascending: ±1 … ±28 at 20 MHz, ±2 … ±58 at 40 MHz, ±2 … ±122 at 80 MHz.
    public let tones: [Int]
    /// What each tone is sent with in the first symbol of the first stream.
    public let values: [IQ]

    /// - Throws: `.usage` for HT at 80 MHz, or a number of streams that isn't read: HT 1 to 4, VHT 1.
    public init(_ format: Format, width: ChannelWidth, streams: Int = 1) throws(QWaveError) {
        guard format == .vht || width != .mhz80 else {
            throw QWaveError(.usage, "HT frames are 20 or 40 MHz wide; 80 MHz is VHT")
        }
        // In VHT, pilot tones carry no separation of the streams (21.3.8.3.5).
        guard streams == 1 || (format == .ht && (2...4).contains(streams)) else {
            throw QWaveError(
                .usage,
                "\(streams) streams of a \(format.rawValue) frame can't be separated; HT 1 to 4, VHT 1")
        }
        self.format = format
        self.width = width
        self.streams = streams
        let sequence = Self.sequence(width)
        let edge = sequence.count / 2
        var tones: [Int] = []
        var values: [IQ] = []
        for (index, sign) in sequence.enumerated() where sign != 0 {
            let rotation = width.rotation(of: index - edge)
            tones.append(index - edge)
            values.append(IQ(Float(sign * rotation.re), Float(sign * rotation.im)))
        }
        self.tones = tones
        self.values = values
    }

    /// Symbols of the field (table 19-13).
    public var symbolCount: Int { streams == 3 ? 4 : streams }

    /// Where the field starts behind the start of the frame: after L-SIG, HT-SIG or VHT-SIG-A, and the STF.
    public var offset: Int { 10 * width.fftLength }

    /// Sign of a stream in a symbol of the field (equation 19-27).
    static let mapping: [[Float]] = [[1, -1, 1, 1], [1, 1, -1, 1], [1, 1, 1, -1], [-1, 1, 1, 1]]

    /// The field as one stream sends it, with guard intervals and a mean power of 1.
    public func samples(stream: Int = 0) -> [IQ] {
        let symbol = ToneGrid.samples(tones: tones, values: values, fftLength: width.fftLength)
        let whole = ToneGrid.guarded(symbol, guardLength: width.fftLength / 4)
        return (0..<symbolCount).flatMap { index in whole.map { $0 * Self.mapping[stream][index] } }
    }

    private static let left = Array(LegacyPreamble.longSequence.prefix(26))
    private static let right = Array(LegacyPreamble.longSequence.suffix(26))

    /// Signs from the lowest tone to the highest (equations 19-23, 19-24 and 21-39).
    private static func sequence(_ width: ChannelWidth) -> [Int] {
        let part = left + [1] + right
        switch width {
        case .mhz20:
            return [1, 1] + left + [0] + right + [-1, -1]
        case .mhz40:
            return part + [-1, -1, -1, 1, 0, 0, 0, -1, 1, 1, -1] + part
        case .mhz80:
            let half = part + [-1, -1, -1, 1, 1, -1, 1, -1, 1, 1, -1] + part
            return half + [1, -1, 1, -1, 0, 0, 0, 1, -1, -1, 1] + half
        }
    }
}
