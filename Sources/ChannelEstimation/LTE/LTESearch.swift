// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Transforms

/// Finds LTE cells in samples at 1.92 MHz by their synchronization signals.
///
/// Powers of the correlation with each primary signal, at carrier offsets 5 kHz apart, are summed over half frames.
/// A Zadoff-Chu sequence that is off by two tones looks like itself some samples away, so a peak names several
/// pairs of timing and carrier offset; the secondary signal tells which of them is the cell.
public struct LTESearch: Sendable {
    private let block = FFT(length: 4096, effort: .estimate)
    /// Samples that are searched at the most: 40 half frames.
    static let most = 40 * LTEPrimarySignal.period
    /// And at the least: four.
    static let least = 4 * LTEPrimarySignal.period
    /// A peak over the mean below which there is no cell. Noise over four half frames stays below 8.
    static let peakLimit = 12.0
    /// The same for a candidate that the secondary signal judges.
    static let candidateLimit = 6.0
    /// Candidates of one sector that are judged.
    static let candidates = 8

    public init() {}

    /// The strongest primary signal of carriers within 20 kHz, or nil where none stands out. Looks at the first
    /// 200 ms. A carrier further off may show as its alias 30 kHz away; `cells` tells.
    ///
    /// - Throws: `.badInput` for fewer than four half frames (38,400 samples).
    public func primary(_ samples: [IQ]) throws(QWaveError) -> LTEPrimarySignal? {
        try check(samples)
        let part = Array(samples.prefix(Self.most))
        let peaks = peaks(part, offsets: stride(from: -20e3, through: 20e3, by: 5e3))
        guard var best = peaks.max(by: { $0.peak < $1.peak }), best.peak >= Self.peakLimit else {
            return nil
        }
        best.carrierOffset += LTEPrimaryTrack(part, best, halfFrames: 40).residual(best)
        return best
    }

    /// The cells of carriers within 60 kHz, one a sector at the most, the one whose secondary signal stands out
    /// farthest first. Looks at the first 200 ms.
    ///
    /// - Throws: `.badInput` for fewer than four half frames (38,400 samples).
    public func cells(_ samples: [IQ]) throws(QWaveError) -> [LTEDetection] {
        try check(samples)
        var part = Array(samples.prefix(Self.most))
        let mean = part.reduce(IQ.zero, +) * (1 / Float(part.count))
        for index in part.indices { part[index] = part[index] - mean }
        let short = Array(part.prefix(10 * LTEPrimarySignal.period))
        let all = peaks(short, offsets: stride(from: -60e3, through: 60e3, by: 5e3))
        var found: [LTEDetection] = []
        for sector in 0..<3 {
            let candidates = Self.distinct(
                all.filter { $0.sector == sector && $0.peak >= Self.candidateLimit })
            let judged = candidates.compactMap { candidate -> LTEDetection? in
                LTESecondaryTest.judge(part, candidate)
            }
            if let best = judged.max(by: { $0.score < $1.score }) { found.append(best) }
        }
        return found.sorted { $0.score > $1.score }
    }

    private func check(_ samples: [IQ]) throws(QWaveError) {
        guard samples.count >= Self.least else {
            throw QWaveError(
                .badInput,
                "\(samples.count) samples at 1.92 MHz are too few to find a cell in; it takes \(Self.least), 20 ms"
            )
        }
    }

    /// The strongest peaks, neighbors of stronger ones left out.
    private static func distinct(_ peaks: [LTEPrimarySignal]) -> [LTEPrimarySignal] {
        var chosen: [LTEPrimarySignal] = []
        for peak in peaks.sorted(by: { $0.peak > $1.peak }) where chosen.count < candidates {
            let isNew = chosen.allSatisfy {
                abs($0.start - peak.start) > 2 || abs($0.carrierOffset - peak.carrierOffset) > 11e3
            }
            if isNew { chosen.append(peak) }
        }
        return chosen
    }

    /// Where in a half frame each sector's signal is at each offset, and how far its power stands above the mean.
    private func peaks(_ samples: [IQ], offsets: StrideThrough<Double>) -> [LTEPrimarySignal] {
        let size = block.length
        let length = LTEPrimarySignal.fftLength
        let step = size - length
        let begins = Array(stride(from: 0, through: samples.count - size, by: step))
        let spectra = begins.map { block.forward(Array(samples[$0..<$0 + size])) }
        var peaks: [LTEPrimarySignal] = []
        var buffer = [IQ](repeating: .zero, count: size)
        for sector in 0..<3 {
            for offset in offsets {
                var template = LTEPrimarySignal.samples(sector)
                Phase.rotate(&template, step: 2 * .pi * offset / LTEPrimarySignal.sampleRate, origin: 0)
                let reference = block.forward(template + [IQ](repeating: .zero, count: step))
                    .map(\.conjugate)
                var power = [Float](repeating: 0, count: LTEPrimarySignal.period)
                for (begin, spectrum) in zip(begins, spectra) {
                    for index in 0..<size { buffer[index] = spectrum[index] * reference[index] }
                    block.inverse(inPlace: &buffer)
                    var place = begin % power.count
                    for index in 0..<step {
                        power[place] += buffer[index].power
                        place = place + 1 == power.count ? 0 : place + 1
                    }
                }
                let sum = power.reduce(0.0) { $0 + Double($1) }
                guard sum > 0, let start = power.indices.max(by: { power[$0] < power[$1] }) else { continue }
                peaks.append(
                    LTEPrimarySignal(
                        sector: sector, start: start, carrierOffset: offset,
                        peak: Double(power[start]) * Double(power.count) / sum))
            }
        }
        return peaks
    }
}
