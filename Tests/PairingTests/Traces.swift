// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport

@testable import Pairing

/// Two ends' signal strengths over one fading channel with next to no memory: the cheapest capture that makes a key.
enum Traces {
    static func gaussian(_ generator: inout SplitMix64) -> Double {
        let u = Double.random(in: 1e-12..<1, using: &generator)
        let v = Double.random(in: 0..<1, using: &generator)
        return (-2 * log(u)).squareRoot() * cos(2 * Double.pi * v)
    }

    /// Decibels with a spread of 5 dB around −50, and noise `snr` dB below it at each end.
    static func pair(_ count: Int = 8000, snr: Double = 25, seed: UInt64 = 1) -> (ChannelTrace, ChannelTrace)
    {
        var fading = SplitMix64(seed: seed)
        var noise = SplitMix64(seed: seed &+ 1_000_000)
        let level = pow(10, -snr / 20)
        var alice: [Double] = []
        var bob: [Double] = []
        for _ in 0..<count {
            let x = gaussian(&fading)
            alice.append(x + level * gaussian(&noise))
            bob.append(x + level * gaussian(&noise))
        }
        return (trace(alice), trace(bob))
    }

    static func trace(_ values: [Double]) -> ChannelTrace {
        var trace = ChannelTrace(
            description: .init(format: "test", quantity: .decibels, nominalRate: 50, simulated: true))
        for (index, value) in values.enumerated() {
            trace.append(
                sequence: UInt64(index), time: Double(index) / 50, shape: SnapshotShape(),
                gains: [IQ(Float(-50 + 5 * value), 0)])
        }
        return trace
    }

    /// One candidate only, so that commissioning takes milliseconds.
    static var quick: ExchangeOptions {
        var options = ExchangeOptions()
        options.stride = 1
        options.trendWindow = 61
        options.helperBits = 2
        options.maximumBits = 1
        // A bit a symbol and few errors: what hard bits are good at, in short messages of a known order.
        options.reconciler = "cascade-few-rounds"
        return options
    }
}
