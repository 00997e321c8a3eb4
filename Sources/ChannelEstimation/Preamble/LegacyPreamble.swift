// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Transforms

/// The non-HT preamble: ten short symbols, then a double guard interval and two long symbols
/// (IEEE 802.11-2020, 17.3.3). In wider channels it is repeated in each 20 MHz, rotated (19.3.9.3, 21.3.8.2).
///
/// Lengths in samples for a width of 20·m MHz: short field 160·m with period 16·m, long field 160·m, of which the
/// first 32·m are the guard interval. The mean power of both fields is 1.
public struct LegacyPreamble: Sendable {
    public let width: ChannelWidth
    /// Tone indices of the long symbols, ascending.
    public let tones: [Int]
    /// What each of those tones is sent with, of modulus 1.
    public let values: [IQ]
    /// One long symbol, `fftLength` samples.
    public let longSymbol: [IQ]
    private let shortSymbols: [IQ]
    /// Tone indices of the short symbols and what each is sent with.
    let shortTones: [Int]
    let shortValues: [IQ]

    /// Tone values of a long symbol from −26 to 26 (equation 17-8).
    static let longSequence: [Int] = [
        1, 1, -1, -1, 1, 1, -1, 1, -1, 1, 1, 1, 1, 1, 1, -1, -1, 1, 1, -1, 1, -1, 1, 1, 1, 1, 0,
        1, -1, -1, 1, 1, -1, 1, -1, 1, -1, -1, -1, -1, -1, 1, 1, -1, -1, 1, -1, 1, -1, 1, 1, 1, 1,
    ]
    /// Signs of (1+j)·√(13/6) on the tones −24, −20, … 24 (equation 17-6).
    static let shortSequence: [Int] = [1, -1, 1, -1, -1, 1, 0, -1, -1, 1, 1, 1, 1]

    public init(width: ChannelWidth = .mhz20) {
        self.width = width
        var long: [(tone: Int, value: IQ)] = []
        var short: [(tone: Int, value: IQ)] = []
        for part in 0..<width.parts {
            let center = 64 * part - 32 * (width.parts - 1)
            for (index, value) in Self.longSequence.enumerated() where value != 0 {
                long.append((center + index - 26, IQ(Float(value), 0)))
            }
            for (index, sign) in Self.shortSequence.enumerated() where sign != 0 {
                let value = Float(sign) * (13.0 / 6.0 as Float).squareRoot()
                short.append((center + 4 * (index - 6), IQ(value, value)))
            }
        }
        func rotated(_ tone: Int, _ value: IQ) -> IQ {
            let rotation = width.rotation(of: tone)
            return value * IQ(Float(rotation.re), Float(rotation.im))
        }
        tones = long.map(\.tone)
        values = long.map { rotated($0.tone, $0.value) }
        longSymbol = ToneGrid.samples(tones: tones, values: values, fftLength: width.fftLength)
        shortTones = short.map(\.tone)
        shortValues = short.map { rotated($0.tone, $0.value) }
        shortSymbols = ToneGrid.samples(tones: shortTones, values: shortValues, fftLength: width.fftLength)
    }

    /// 16·m, the period of the short field.
    public var shortPeriod: Int { width.fftLength / 4 }
    /// 160·m, the length of either field.
    public var fieldLength: Int { width.fftLength * 5 / 2 }
    /// 320·m, the length of both.
    public var count: Int { 2 * fieldLength }
    /// Where the first long symbol starts: 192·m, behind the guard interval.
    public var longStart: Int { fieldLength + width.fftLength / 2 }

    public var shortField: [IQ] { (0..<fieldLength).map { shortSymbols[$0 % width.fftLength] } }
    public var longField: [IQ] {
        let half = width.fftLength / 2
        return (0..<fieldLength).map { longSymbol[($0 + half) % width.fftLength] }
    }
    /// Both fields.
    public var samples: [IQ] { shortField + longField }
}
