// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// Where a primary signal stands in one half frame after another: a sender's and a receiver's clock differ by
/// some parts in 10⁵, samples in 100 ms.
struct LTEPrimaryTrack {
    /// First samples of the symbols, one a half frame.
    let starts: [Int]
    /// Samples that the line through them has at half frame 0, and from one half frame to the next.
    let origin: Double
    let step: Double
    private let samples: [IQ]

    /// Half frames over which the place is told.
    private static let group = 8
    /// Samples that it may move from group to group: 100 parts in 10⁶ and the grid's.
    private static let reach = 9

    init(_ samples: [IQ], _ signal: LTEPrimarySignal, halfFrames: Int) {
        self.samples = samples
        let period = LTEPrimarySignal.period
        let length = LTEPrimarySignal.fftLength
        var template = LTEPrimarySignal.samples(signal.sector)
        Phase.rotate(
            &template, step: 2 * .pi * signal.carrierOffset / LTEPrimarySignal.sampleRate, origin: 0)
        let count = min(halfFrames, max(0, (samples.count - signal.start - length - Self.reach) / period + 1))
        var places: [(index: Double, place: Double)] = []
        var place = signal.start
        for begin in stride(from: 0, to: count, by: Self.group) {
            let end = min(count, begin + Self.group)
            // A last group of few would only add noise.
            guard end - begin > Self.group / 2 || begin == 0 else { break }
            var best: (power: Float, shift: Int) = (-1, 0)
            for shift in -Self.reach...Self.reach {
                var power: Float = 0
                for half in begin..<end {
                    let start = place + shift + half * period
                    guard start >= 0, start + length <= samples.count else { continue }
                    var sum = IQ.zero
                    for index in 0..<length {
                        sum = sum + template[index].conjugate * samples[start + index]
                    }
                    power += sum.power
                }
                if power > best.power { best = (power, shift) }
            }
            place += best.shift
            places.append((Double(begin + end - 1) / 2, Double(place)))
        }
        // A line by least squares; one group has no slope.
        let middle = places.reduce(0) { $0 + $1.index } / Double(max(1, places.count))
        let mean = places.reduce(0) { $0 + $1.place } / Double(max(1, places.count))
        var (slope, weight) = (0.0, 0.0)
        for item in places {
            slope += (item.index - middle) * (item.place - mean)
            weight += (item.index - middle) * (item.index - middle)
        }
        let drift = weight > 0 ? slope / weight : 0
        origin = mean - drift * middle
        step = Double(period) + drift
        let (origin, step) = (origin, step)
        starts = (0..<count).map { Int((origin + step * Double($0)).rounded()) }
            .filter { $0 >= 0 && $0 + length <= samples.count }
    }

    /// Hz beyond the offset that was tried, from the turn between the two halves of each symbol.
    func residual(_ signal: LTEPrimarySignal) -> Double {
        let template = LTEPrimarySignal.samples(signal.sector)
        let length = template.count
        var (re, im) = (0.0, 0.0)
        for start in starts {
            var segment = Array(samples[start..<start + length])
            Phase.rotate(
                &segment, step: -2 * .pi * signal.carrierOffset / LTEPrimarySignal.sampleRate, origin: 0)
            var halves = [IQ.zero, .zero]
            for index in 0..<length {
                halves[index * 2 / length] =
                    halves[index * 2 / length] + template[index].conjugate * segment[index]
            }
            let turn = halves[0].conjugate * halves[1]
            re += Double(turn.re)
            im += Double(turn.im)
        }
        return Phase.angle(re, im) / Double(length / 2) * LTEPrimarySignal.sampleRate / (2 * .pi)
    }
}
