// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Quantization
internal import Statistics

/// What a baseline makes of a stretch of pairs: the ends' bits, and the initiator's scores behind them.
struct BaselineSymbols {
    var initiator = BitString()
    var responder = BitString()
    /// The initiator's normal scores of the whole stretch: rows of independent variables that memory is measured on.
    var scores: [[Double]] = []
    /// Eve's, row by row.
    var eve: [[Double]] = []
    /// Rows that one bit (or one row of bits) takes on the average.
    var spacing = 1
    /// How many variables of a row give bits.
    var symbols = 0
    /// log₂ of the largest symbol's alphabet.
    var alphabetBits = 1

    var disagreement: Double {
        initiator.isEmpty ? 0 : Double(initiator.distance(to: responder)) / Double(initiator.count)
    }
}

/// A baseline at one thinning, made from the commissioning pairs alone.
struct BaselinePipeline {
    let baseline: Baseline
    let sampleStride: Int
    let toneStride: Int
    private let capture: BaselineCapture
    private let transform: KarhunenLoeve?
    private let complement: [Double]
    /// The initiator's distribution of each tone; the responder's is the same once it is complemented.
    private let laws: [MarginalDistribution]

    static let window = 101
    static let run = 4

    /// Nil where nothing can be made at this thinning.
    init?(_ baseline: Baseline, _ capture: BaselineCapture, sampleStride: Int, toneStride: Int) {
        self.baseline = baseline
        self.capture = capture
        self.sampleStride = sampleStride
        self.toneStride = toneStride
        let published = 0..<capture.commissioned
        switch baseline {
        case .mathur, .asbg:
            transform = nil
            complement = []
            laws = []
        case .hrube:
            guard
                let made = KarhunenLoeve(
                    Self.thin(BaselineCapture.mean(capture.initiator), published, sampleStride),
                    Self.thin(BaselineCapture.mean(capture.responder), published, sampleStride))
            else { return nil }
            transform = made
            complement = []
            laws = []
        case .cgc:
            transform = nil
            let tones = Swift.stride(from: 0, to: capture.initiator.count, by: toneStride)
            complement = tones.map { tone in
                Series.mean(capture.responder[tone][published])
                    - Series.mean(capture.initiator[tone][published])
            }
            laws = tones.compactMap {
                MarginalDistribution(samples: Self.thin(capture.initiator[$0], published, sampleStride))
            }
            guard laws.count == complement.count else { return nil }
        }
    }

    private static func thin(_ x: [Double], _ range: Range<Int>, _ step: Int) -> [Double] {
        Swift.stride(from: range.lowerBound, to: range.upperBound, by: step).map { x[$0] }
    }

    /// The bits of a range of pairs.
    func symbols(_ range: Range<Int>) -> BaselineSymbols {
        var result: BaselineSymbols
        switch baseline {
        case .mathur: result = crossing(range)
        case .asbg: result = adaptive(range)
        case .hrube: result = transformed(range)
        case .cgc: result = complemented(range)
        }
        if baseline != .hrube {
            result.eve = capture.eve.map { Self.thin($0, range, sampleStride) }
        }
        return result
    }

    /// Signal strength without slow trends, thinned.
    private func strength(_ end: [[Double]], _ range: Range<Int>, centered: Bool) -> [Double] {
        let whole = BaselineCapture.mean(end)
        let series =
            centered ? zip(whole, Series.movingMean(whole, width: Self.window)).map { $0 - $1 } : whole
        return Self.thin(series, range, sampleStride)
    }

    private func scored(_ x: [Double]) -> [Double] { SampleScores.scores(of: x) ?? x.map { _ in 0 } }

    private func crossing(_ range: Range<Int>) -> BaselineSymbols {
        let quantizer = LevelCrossingQuantizer(alpha: 0.5, run: Self.run)
        let (a, b) = (
            strength(capture.initiator, range, centered: true),
            strength(capture.responder, range, centered: true)
        )
        let excursions = quantizer.excursions(of: a)
        let answers = quantizer.bits(of: b, at: excursions.map(\.center))
        var result = BaselineSymbols()
        for (excursion, answer) in zip(excursions, answers) {
            guard let answer else { continue }
            result.initiator.append(excursion.isAbove)
            result.responder.append(answer)
        }
        result.scores = [scored(a)]
        result.symbols = result.initiator.count
        result.spacing = max(1, a.count / max(1, result.initiator.count))
        return result
    }

    private func adaptive(_ range: Range<Int>) -> BaselineSymbols {
        let quantizer = GuardBandQuantizer(alpha: 0.35, block: 25)
        let (a, b) = (
            strength(capture.initiator, range, centered: false),
            strength(capture.responder, range, centered: false)
        )
        var result = BaselineSymbols()
        for (x, y) in zip(quantizer.bits(of: a), quantizer.bits(of: b)) {
            guard let x, let y else { continue }
            result.initiator.append(x)
            result.responder.append(y)
        }
        // A block's mean takes out what is slower than the block: its memory doesn't count against the bits.
        result.scores = [scored(zip(a, Series.movingMean(a, width: 25)).map { $0 - $1 })]
        result.symbols = result.initiator.count
        result.spacing = max(1, a.count / max(1, result.initiator.count))
        return result
    }

    private func transformed(_ range: Range<Int>) -> BaselineSymbols {
        guard let transform else { return BaselineSymbols() }
        let ends = [capture.initiator, capture.responder].map {
            Self.thin(BaselineCapture.mean($0), range, sampleStride)
        }
        let (a, b) = (transform.scores(ends[0], .initiator), transform.scores(ends[1], .responder))
        var result = BaselineSymbols()
        for (component, bits) in transform.bits.enumerated() where bits > 0 {
            let quantizer = BinClassQuantizer(bits: bits)
            for (x, y) in zip(a[component], b[component]) {
                let bin = quantizer.bin(x)
                let e = quantizer.publicBit(bin)
                Self.append(quantizer.label(bin, publicBit: e), bits, &result.initiator)
                Self.append(quantizer.label(quantizer.bin(y), publicBit: e), bits, &result.responder)
            }
            result.scores.append(a[component])
            result.symbols += a[component].count
            result.alphabetBits = max(result.alphabetBits, bits)
        }
        result.eve = capture.eve.flatMap { eve in
            transform.rows(Self.thin(eve, range, sampleStride)).prefix(4)
        }
        return result
    }

    private func complemented(_ range: Range<Int>) -> BaselineSymbols {
        let quantizer = EquiprobableQuantizer(bits: 2)
        var result = BaselineSymbols()
        result.alphabetBits = 2
        for (place, tone) in Swift.stride(from: 0, to: capture.initiator.count, by: toneStride).enumerated() {
            let a = Self.thin(capture.initiator[tone], range, sampleStride).map(laws[place].score)
            let b = Self.thin(capture.responder[tone], range, sampleStride).map {
                laws[place].score($0 - complement[place])
            }
            for (x, y) in zip(a, b) {
                Self.append(quantizer.label(quantizer.symbol(x)), 2, &result.initiator)
                Self.append(quantizer.label(quantizer.symbol(y)), 2, &result.responder)
            }
            result.scores.append(a)
            result.symbols += a.count
        }
        return result
    }

    private static func append(_ label: Int, _ bits: Int, _ string: inout BitString) {
        for plane in (0..<bits).reversed() { string.append(label >> plane & 1 == 1) }
    }
}
