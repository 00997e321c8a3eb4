// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Transforms

/// Reads the secondary signals beside a candidate's primary ones.
enum LTESecondaryTest {
    /// Standard deviations that a cell's signal has at the least; the best of noise has about 4.
    static let scoreLimit = 6.0
    /// How often its score is that of the next best: sequences share half their parts with others.
    static let ratioLimit = 1.4
    /// Samples of the guard interval that a transform takes in.
    private static let early = 3
    private static let transform = FFT(length: LTEPrimarySignal.fftLength, effort: .estimate)

    /// The cell of a candidate, over all group numbers, halves of the frame, prefixes and duplex modes; nil where
    /// none stands out.
    ///
    /// The primary signal tells the channel, over five tones, for the secondary one some symbols before.
    static func judge(_ samples: [IQ], _ candidate: LTEPrimarySignal) -> LTEDetection? {
        var signal = candidate
        signal.carrierOffset += LTEPrimaryTrack(samples, signal, halfFrames: 8).residual(signal)
        let track = LTEPrimaryTrack(samples, signal, halfFrames: 40)
        let tones = LTEPrimarySignal.tones.count
        var best:
            (score: Float, group: Int, late: Bool, prefix: LTECell.CyclicPrefix, duplex: LTECell.Duplex)?
        var second: Float = 0
        let references = references(signal.sector)
        for prefix in LTECell.CyclicPrefix.allCases {
            for duplex in LTECell.Duplex.allCases {
                let grid = LTEGrid(fftLength: LTEPrimarySignal.fftLength, prefix: prefix)
                let back = grid.primaryStart(duplex) - grid.secondaryStart(duplex)
                var sums = [[Float]](repeating: [Float](repeating: 0, count: tones), count: 2)
                var power: Float = 0
                for (half, start) in track.starts.enumerated() where start >= back + early {
                    let channel = channel(samples, start, signal)
                    let received = spectrum(samples, start - back, signal)
                    // The carrier's turn between the two symbols.
                    let turn = Phase.turn(
                        2 * .pi * signal.carrierOffset * Double(back) / LTEPrimarySignal.sampleRate)
                    for tone in 0..<tones {
                        let product = received[tone] * channel[tone].conjugate * turn
                        sums[half % 2][tone] += product.re
                        power += product.power
                    }
                }
                guard power > 0 else { continue }
                let scale = 1 / (power / 2).squareRoot()
                for (group, pair) in references.enumerated() {
                    for late in [false, true] {
                        var sum: Float = 0
                        for tone in 0..<tones {
                            sum += sums[0][tone] * pair[late ? 1 : 0][tone]
                            sum += sums[1][tone] * pair[late ? 0 : 1][tone]
                        }
                        let score = sum * scale
                        if score > best?.score ?? 0 {
                            second = best?.score ?? 0
                            best = (score, group, late, prefix, duplex)
                        } else {
                            second = max(second, score)
                        }
                    }
                }
            }
        }
        guard let best, Double(best.score) >= scoreLimit, Double(best.score) >= ratioLimit * Double(second),
            let cell = try? LTECell(
                identity: 3 * best.group + signal.sector, cyclicPrefix: best.prefix, duplex: best.duplex)
        else { return nil }
        let grid = LTEGrid(fftLength: LTEPrimarySignal.fftLength, prefix: best.prefix)
        let start = track.origin - Double(grid.primaryStart(best.duplex)) - (best.late ? track.step : 0)
        return LTEDetection(
            cell: cell, frameStart: start, framePeriod: 2 * track.step, carrierOffset: signal.carrierOffset,
            peak: signal.peak, score: Double(best.score))
    }

    /// Both halves' sequences of each group.
    private static func references(_ sector: Int) -> [[[Float]]] {
        (0..<168).map { group in
            [false, true].map { LTESecondarySignal.values(group: group, sector: sector, secondHalf: $0) }
        }
    }

    /// The channel that the primary signal at `start` went through, each tone the mean of five.
    private static func channel(_ samples: [IQ], _ start: Int, _ signal: LTEPrimarySignal) -> [IQ] {
        let raw = zip(spectrum(samples, start, signal), LTEPrimarySignal.values(signal.sector)).map {
            $0 * $1.conjugate
        }
        return raw.indices.map { tone in
            let part = raw[max(0, tone - 2)...min(raw.count - 1, tone + 2)]
            return part.reduce(IQ.zero, +) * (1 / Float(part.count))
        }
    }

    /// The tones of the symbol that starts at `start`; phase zero of the carrier there.
    private static func spectrum(_ samples: [IQ], _ start: Int, _ signal: LTEPrimarySignal) -> [IQ] {
        let length = LTEPrimarySignal.fftLength
        guard start >= early, start + length <= samples.count else {
            return [IQ](repeating: .zero, count: LTEPrimarySignal.tones.count)
        }
        var segment = Array(samples[start - early..<start - early + length])
        Phase.rotate(
            &segment, step: -2 * .pi * signal.carrierOffset / LTEPrimarySignal.sampleRate,
            origin: Double(early))
        transform.forward(inPlace: &segment)
        return LTEPrimarySignal.tones.map { segment[ToneGrid.bin($0, length)] }
    }
}
