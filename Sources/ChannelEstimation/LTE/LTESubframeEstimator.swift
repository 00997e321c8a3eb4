// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Transforms

/// Gains of one subframe whose place and carrier offset are known.
struct LTESubframeEstimator: Sendable {
    let cell: LTECell
    let grid: LTEGrid
    let tones: [Int]
    private let transform: FFT
    private let scale: Float
    /// What is sent: [slot][first or third last symbol][port].
    private let signals: [[[LTEReferenceSignal]]]
    /// Place of each tone in `tones`.
    private let places: [Int: Int]

    struct Result {
        /// [port][tone]
        var gains: [[IQ]]
        var noiseVariance: Double
        var coherence: Double
        /// Radians that the carrier turned from slot to slot.
        var turn: Double
        /// Samples that the paths' mean delay lies behind the timing.
        var delay: Double
        /// Mean of Re conj(H₁)·H₂ of each port: the power of its gains, into which noise brings no bias.
        var powers: [Double]
    }

    /// - Parameter leaving: tones that aren't read.
    init(cell: LTECell, grid: LTEGrid, blocks: Int, leaving: Set<Int>) {
        self.cell = cell
        self.grid = grid
        let tones = LTEReferenceSignal.tones(cell: cell, blocks: blocks).filter { !leaving.contains($0) }
        self.tones = tones
        transform = FFT(length: grid.fftLength, effort: .fastest)
        scale = Float(12 * blocks).squareRoot() / Float(grid.fftLength)
        signals = (0..<20).map { slot in
            [true, false].map { isFirst in
                (0..<cell.ports).map {
                    LTEReferenceSignal(cell: cell, slot: slot, isFirst: isFirst, port: $0, blocks: blocks)
                }
            }
        }
        places = Dictionary(uniqueKeysWithValues: tones.enumerated().map { ($1, $0) })
    }

    /// Samples of a guard interval that a transform takes in: half of it.
    private var early: Int { grid.guardLength(1) / 2 }
    /// Samples from the one at which a subframe starts that are read.
    var reach: Int { grid.subframe }

    /// - Parameters:
    ///   - start: index of the subframe's first sample, and the fraction of a sample by which it comes later.
    ///   - number: of the subframe in its frame, 0 to 9.
    ///   - phase: of the carrier at `start`, and its step from sample to sample, in radians; both are taken out.
    ///   - constant: the receiver's own, taken off each sample.
    func estimate(
        _ samples: Span<IQ>, start: (whole: Int, rest: Double), number: Int, phase: Double, step: Double,
        constant: IQ
    ) -> Result {
        let empty = [IQ](repeating: .zero, count: tones.count)
        var slots = [[[IQ]]](repeating: [[IQ]](repeating: empty, count: cell.ports), count: 2)
        // Whether a tone of a port stands in the slot's first symbol.
        var isFirst = [[Bool]](repeating: [Bool](repeating: false, count: tones.count), count: cell.ports)
        for slot in 0..<2 {
            for (kind, symbol) in grid.referenceSymbols.enumerated() {
                let place = slot * grid.slot + grid.start(symbol) - early
                var segment = (0..<grid.fftLength).map { samples[start.whole + place + $0] - constant }
                Phase.rotate(&segment, step: -step, origin: 0)
                transform.forward(inPlace: &segment)
                let carrier = phase + step * Double(place)
                for port in 0..<cell.ports {
                    let signal = signals[2 * number + slot][kind][port]
                    for (tone, value) in zip(signal.tones, signal.values) {
                        guard let index = places[tone] else { continue }
                        let late =
                            2 * .pi * Double(tone) * (Double(early) + start.rest) / Double(grid.fftLength)
                        slots[slot][port][index] =
                            segment[ToneGrid.bin(tone, grid.fftLength)] * value.conjugate
                            * Phase.turn(late - carrier) * scale
                        isFirst[port][index] = kind == 0
                    }
                }
            }
        }
        return combine(slots, isFirst)
    }

    /// Least squares over the two slots, the turn between them taken out.
    private func combine(_ slots: [[[IQ]]], _ isFirst: [[Bool]]) -> Result {
        var (re, im, energy) = (0.0, 0.0, 0.0)
        var products: [(re: Double, im: Double)] = []
        for (first, second) in zip(slots[0], slots[1]) {
            var sum = (re: 0.0, im: 0.0)
            for (a, b) in zip(first, second) {
                let product = a.conjugate * b
                sum.re += Double(product.re)
                sum.im += Double(product.im)
                energy += Double(a.power + b.power) / 2
            }
            products.append(sum)
            re += sum.re
            im += sum.im
        }
        let turn = Phase.angle(re, im)
        let half = Phase.turn(turn / 2)
        // Both kinds of symbols belong to the middle of all four.
        let apart = Double(grid.start(cell.cyclicPrefix.symbols - 3) - grid.start(0)) / 2
        let shift = Phase.turn(turn * apart / Double(grid.slot))
        var difference = 0.0
        var gains: [[IQ]] = []
        for port in slots[0].indices {
            gains.append(
                tones.indices.map { index in
                    let (a, b) = (slots[0][port][index] * half, slots[1][port][index] * half.conjugate)
                    difference += Double((a - b).power)
                    return (a + b) * 0.5 * (isFirst[port][index] ? shift : shift.conjugate)
                })
        }
        let count = Double(tones.count * slots[0].count)
        return Result(
            gains: gains,
            // One dimension of 2·count went into the turn.
            noiseVariance: difference / 4 / (count - 0.5),
            coherence: energy > 0 ? (re * re + im * im).squareRoot() / energy : 0, turn: turn,
            delay: delay(gains),
            powers: products.map { ($0.re * cos(turn) + $0.im * sin(turn)) / Double(tones.count) })
    }

    /// From the turn between neighboring tones, three apart.
    private func delay(_ gains: [[IQ]]) -> Double {
        var (re, im) = (0.0, 0.0)
        for port in gains {
            for index in 1..<max(1, tones.count) where tones[index] - tones[index - 1] == 3 {
                let product = port[index - 1].conjugate * port[index]
                re += Double(product.re)
                im += Double(product.im)
            }
        }
        return -Phase.angle(re, im) * Double(grid.fftLength) / (2 * .pi * 3)
    }
}
