// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore

/// Signal strengths of both ends over a live channel, and what may go wrong with it.
struct HealthScene {
    /// How a live channel fades.
    enum Channel: String, CaseIterable, Sendable {
        /// Every probe sees a new gain.
        case memoryless
        /// Complex Gaussian gains behind a low-pass filter: a band-limited Doppler spectrum, 0.15 cycles a pair.
        case bandLimited
        /// Complex Gaussian gains of first order, half of which the last ones tell.
        case firstOrder

        /// Every how many pairs one is kept.
        var stride: Int { self == .bandLimited ? 3 : 1 }
    }

    let channel: Channel
    /// Pairs that commission.
    let commissioned: Int
    /// Noise of each end below the fading, in dB.
    let snr: Double
    /// Both ends' decibels.
    var alice: [Double]
    var bob: [Double]

    init(_ channel: Channel, commissioned: Int, keyed: Int, snr: Double = 25, seed: UInt64) {
        self.channel = channel
        self.commissioned = commissioned
        self.snr = snr
        var random = ExperimentGenerator(seed: seed)
        let gains = Self.gains(channel, count: commissioned + keyed, &random)
        let noise = pow(10, -snr / 20)
        var ends: [[Double]] = [[], []]
        for end in 0..<2 {
            ends[end].reserveCapacity(gains.count)
            for gain in gains {
                let re = gain.x + noise * 0.5.squareRoot() * random.normal()
                let im = gain.y + noise * 0.5.squareRoot() * random.normal()
                ends[end].append(10 * log10(max(re * re + im * im, 1e-12)))
            }
        }
        alice = ends[0]
        bob = ends[1]
    }

    private static func gains(
        _ channel: Channel, count: Int, _ random: inout ExperimentGenerator
    ) -> [SIMD2<Double>] {
        if channel != .bandLimited {
            let memory = channel == .memoryless ? 0 : 0.5
            let fresh = (0.5 * (1 - memory * memory)).squareRoot()
            var gain = SIMD2(random.normal(), random.normal()) * 0.5.squareRoot()
            return (0..<count).map { _ in
                gain = memory * gain + fresh * SIMD2(random.normal(), random.normal())
                return gain
            }
        }
        let cutoff = 0.15
        let half = 48
        let taps = (-half...half).map { lag -> Double in
            let x = 2 * Double.pi * cutoff * Double(lag)
            let window = 0.5 + 0.5 * cos(Double.pi * Double(lag) / Double(half + 1))
            return (lag == 0 ? 1 : sin(x) / x) * window
        }
        let power = taps.reduce(0) { $0 + $1 * $1 }
        let scale = (0.5 / power).squareRoot()
        let white = (0..<count + 2 * half).map { _ in SIMD2(random.normal(), random.normal()) }
        return (0..<count).map { row in
            var sum = SIMD2<Double>.zero
            for tap in taps.indices { sum += taps[tap] * white[row &+ tap] }
            return sum * scale
        }
    }

    /// The two captures, in steps of `step` dB as a radio reports them.
    func traces(step: Double = 0.5) -> (ChannelTrace, ChannelTrace) {
        (Self.trace(alice, step: step), Self.trace(bob, step: step))
    }

    private static func trace(_ values: [Double], step: Double) -> ChannelTrace {
        var trace = ChannelTrace(
            description: .init(format: "laboratory", quantity: .decibels, nominalRate: 50, simulated: true))
        for (index, value) in values.enumerated() {
            trace.append(
                sequence: UInt64(index), time: nil, shape: SnapshotShape(),
                gains: [IQ(Float((value / step).rounded() * step), 0)])
        }
        return trace
    }
}
