// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Testing

@testable import Laboratory

@Suite struct KeyChannelTests {
    /// Values of H(sign X | Y) computed elsewhere, to three digits.
    @Test(arguments: [
        (0.05, 0.163), (0.08, 0.258), (0.11, 0.351), (0.15, 0.468), (0.20, 0.603), (0.25, 0.721),
    ])
    func `what soft samples leave of a sign agrees with published quadrature`(
        _ rate: Double, _ entropy: Double
    ) {
        let channel = KeyChannel.gaussianSign(errorRate: rate)
        #expect(abs(channel.conditionalEntropy - entropy) < 6e-4)
        #expect(abs(channel.errorRate - rate) < 1e-12)
    }

    /// Table of arXiv:1401.5194's bound at ε = 0.001 as the reference page of this field has it.
    @Test(arguments: [
        (256, 0.02, 1.963), (1024, 0.05, 1.295), (1024, 0.11, 1.173), (10_000, 0.02, 1.167),
        (100_000, 0.01, 1.079), (1_000_000, 0.11, 1.006),
    ])
    func `the finite-length limit agrees with a published table`(_ bits: Int, _ rate: Double, _ f: Double)
        throws
    {
        let limit = try #require(
            FiniteLengthLimit.efficiency(
                bits: bits, channel: .binarySymmetric(errorRate: rate), failure: 1e-3))
        #expect(abs(limit - f) < 6e-4)
    }

    /// Entropy and dispersion against a plain sum over drawn samples, which knows no quadrature.
    @Test(arguments: [0.03, 0.15, 0.3]) func `entropy and dispersion agree with simulation`(_ rate: Double) {
        let channel = KeyChannel.gaussianSign(errorRate: rate)
        guard case .gaussianSign(let rho) = channel else { return }
        var random = ExperimentGenerator(seed: 11)
        let count = 400_000
        var first = 0.0
        var second = 0.0
        for _ in 0..<count {
            let x = random.normal()
            let y = rho * x + (1 - rho * rho).squareRoot() * random.normal()
            let p = KeyChannel.probabilityOfOne(y, correlation: rho)
            let information = -binaryLogarithm(x >= 0 ? p : 1 - p)
            first += information
            second += information * information
        }
        let mean = first / Double(count)
        let variance = second / Double(count) - mean * mean
        #expect(abs(mean - channel.conditionalEntropy) < 5 * (variance / Double(count)).squareRoot())
        #expect(abs(variance / channel.dispersion - 1) < 0.03)
    }

    @Test(arguments: [0.02, 0.15]) func `simulated keys disagree at the rate that was asked for`(
        _ rate: Double
    ) {
        for channel in [KeyChannel.binarySymmetric(errorRate: rate), .gaussianSign(errorRate: rate)] {
            let count = 200_000
            let pair = KeyPair(bits: count, channel: channel, seed: 5)
            let distance = pair.initiator.bits.distance(to: pair.responder.bits)
            let deviation = (Double(count) * rate * (1 - rate)).squareRoot()
            #expect(abs(Double(distance) - rate * Double(count)) < 5 * deviation)
            #expect(pair.initiator.logLikelihoods.isEmpty)
            #expect(pair.responder.logLikelihoods.isEmpty != channel.isSoft)
            // A likelihood never contradicts the hard bit of the same sample.
            for (bit, ratio) in pair.responder.logLikelihoods.enumerated() where ratio != 0 {
                #expect(pair.responder.bits[bit] == (ratio < 0))
            }
        }
    }

    /// P(bit = 0) among samples of one likelihood value is what that value says.
    @Test func `log-likelihoods are calibrated`() {
        let pair = KeyPair(bits: 400_000, channel: .gaussianSign(errorRate: 0.15), seed: 3)
        for value in [-6, -2, 2, 5, 9] as [Int8] {
            let places = pair.responder.logLikelihoods.indices.filter {
                pair.responder.logLikelihoods[$0] == value
            }
            let zeros = places.count { !pair.initiator.bits[$0] }
            let expected = 1 / (1 + exponential(-Double(value) / 3))
            let deviation = (expected * (1 - expected) / Double(places.count)).squareRoot()
            // Half a unit of rounding moves the rate by up to 0.042.
            #expect(abs(Double(zeros) / Double(places.count) - expected) < 5 * deviation + 0.01)
        }
    }
}
