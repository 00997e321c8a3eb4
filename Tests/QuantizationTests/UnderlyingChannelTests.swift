// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import Statistics
import Testing

@testable import Quantization

@Suite struct UnderlyingChannelTests {
    /// Σ over the true modes of I(A_n; A_past) in bits: prediction errors of the exact covariance, `order` lags.
    static func exactMemory(_ parameters: SimulationParameters, stride: Int, order: Int = 400) -> Double {
        let law = (0...order).map { lag in
            parameters.spectrum.autocorrelation(
                maximumDoppler: parameters.maximumDoppler, lag: Double(lag * stride) / parameters.probeRate)
        }
        // A line of sight is known, and neither forgets nor is keyed.
        let snr = pow(10, parameters.snr / 10) / (1 + parameters.linearRiceFactor)
        return Ceilings(parameters).eigenvalues.filter { $0 * snr > 1e-6 }.reduce(0) { sum, value in
            var covariance = law.map { $0 * value * snr }
            covariance[0] += 1
            let errors = LevinsonDurbin(autocovariance: covariance).errors
            return sum + log2(errors[0] / max(errors[errors.count - 1], 1))
        }
    }

    @Test(arguments: [(TGn.d, 20.0), (.b, 15)], [50.0, 100, 200])
    func `a walk's Doppler shift is found within five percent, and no less memory charged than there is`(
        channel: (model: TGn, snr: Double), rate: Double
    ) throws {
        let walk = try Walk(channel.model, snr: channel.snr, rate: rate, seconds: 2400 / rate, seed: 11)
        let found = UnderlyingChannel(initiator: walk.initiator, kind: .canonical)
        let truth = walk.parameters.maximumDoppler / rate
        let clarke = try #require(found.fits.first { $0.spectrum == .jakes }, "\(found.fits)")
        #expect(abs(clarke.doppler / truth - 1) < 0.05)
        for stride in [1, 2, 4, 8] {
            let exact = Self.exactMemory(walk.parameters, stride: stride)
            let charged = try #require(found.memory(stride: stride))
            #expect(charged >= exact, "stride \(stride): \(charged) for \(exact)")
            // Not without measure either.
            #expect(charged < 3 * exact + 3)
        }
    }

    /// Phase slopes of two snapshots of a wide band agree badly; a fit that felt it made the channel look faster than
    /// it is, and charged 11 bits of 50 at every second of 50 probes a second.
    @Test(arguments: [(TGn.d, Bandwidth.mhz80, 20.0), (.f, .mhz20, 15)])
    func `a wide band or a long delay hides no memory`(model: TGn, bandwidth: Bandwidth, snr: Double) throws {
        let walk = try Walk(model, snr: snr, rate: 50, seconds: 40, seed: 3, bandwidth: bandwidth)
        let found = UnderlyingChannel(initiator: walk.initiator, kind: .canonical)
        for stride in [1, 2, 3, 4] {
            let exact = Self.exactMemory(walk.parameters, stride: stride, order: 100)
            #expect(try #require(found.memory(stride: stride)) >= exact, "stride \(stride), \(found.fits)")
        }
    }

    /// Slower than any shift of the grid: refused, or charged in full. An alias of the shift would let it pass.
    @Test(arguments: [(200.0, 0.02), (400, 0.005), (200, 0)])
    func `a channel that hardly moves is never charged too little`(rate: Double, speed: Double) throws {
        for model in [TGn.a, .d] {
            for seed in 1...2 {
                let walk = try Walk(
                    model, snr: 20, rate: rate, seconds: 1600 / rate, speed: speed, seed: UInt64(seed))
                let found = UnderlyingChannel(initiator: walk.initiator, kind: .canonical)
                for stride in [1, 8] {
                    guard let charged = found.memory(stride: stride) else { continue }
                    let exact = Self.exactMemory(walk.parameters, stride: stride, order: 100)
                    #expect(charged >= 0.8 * exact, "\(found.fits): \(charged) for \(exact)")
                }
            }
        }
    }

    @Test func `features that show no channel are never charged at all, but refused`() throws {
        var noise = Gaussians(seed: 3)
        func matrix(_ rows: Int, _ columns: Int) -> FeatureMatrix {
            FeatureMatrix(rows: rows, columns: columns, values: noise.array(rows * columns).map { Float($0) })
        }
        #expect(UnderlyingChannel(initiator: matrix(600, 16), kind: .canonical).memory(stride: 1) == nil)
        #expect(UnderlyingChannel(initiator: matrix(600, 16), kind: .amplitude).memory(stride: 1) == nil)
        #expect(UnderlyingChannel(initiator: matrix(600, 4), kind: .canonical).memory(stride: 1) == nil)
        #expect(UnderlyingChannel(initiator: matrix(100, 16), kind: .canonical).memory(stride: 1) == nil)
    }

    @Test func `correlation laws are those of the channel models`() {
        for cycles in [0.0, 0.05, 0.1, 0.2, 0.5, 1] {
            let clarke = DopplerSpectrum.clarke.autocorrelation(maximumDoppler: 1, lag: cycles)
            #expect(abs(UnderlyingChannel.Spectrum.jakes.correlation(cycles) - clarke) < 1e-7)
            let bell = DopplerSpectrum.bell.autocorrelation(maximumDoppler: 1, lag: cycles)
            #expect(abs(UnderlyingChannel.Spectrum.bell.correlation(cycles) - bell) < 4e-3)
        }
    }
}
