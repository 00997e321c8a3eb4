// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import Quantization

@Suite struct MeasuredLawTests {
    private let rho = 100.0 / 101

    @Test func `the noise has the power that the correlation leaves, whatever its tail`() {
        for share in NoiseLaw.shares {
            let noise = NoiseLaw(correlation: 0.9, tail: share)
            let step = 0.001
            var mass = 0.0
            var power = 0.0
            for index in -10_000...10_000 {
                let distance = Double(index) * step
                let density = exp(noise.logDensity(distance))
                mass += density
                power += density * distance * distance
            }
            #expect(abs(power / mass / (1 - 0.81) - 1) < 1e-3, "\(share)")
        }
    }

    @Test func `on Gaussian samples it counts what the published quadrature says, and finds no tail`() {
        var gaussians = Gaussians(seed: 4)
        let x = gaussians.array(20_000)
        let law = MeasuredLaw(x: x, y: gaussians.partner(of: x, rho: rho))
        // H(S|W,Y) = 0.4905 bit at 20 dB, M = B = 3; bit error rate 0.0467 on the mean of three label bits.
        let entropies = law.entropies(bits: 3, helperBits: 3, correlation: rho, tail: 0)
        #expect(abs(entropies.reduce(0, +) - 0.4905) < 0.02)
        let rates = law.rates(bits: 3, helperBits: 3, correlation: rho)
        #expect(abs(rates.reduce(0, +) / 3 - 0.0467) < 0.004)
        #expect(law.tail(correlation: rho) <= 0.01)
    }

    @Test func `samples that jump cost less by a law that knows of jumps`() {
        var gaussians = Gaussians(seed: 5)
        let x = gaussians.array(20_000)
        let sigma = (1 - rho * rho).squareRoot()
        let y = x.enumerated().map { index, x in
            rho * x + sigma * gaussians.next() * (index % 20 == 0 ? 3 : 1)
        }
        let law = MeasuredLaw(x: x, y: y)
        let tail = law.tail(correlation: rho)
        #expect(tail > 0)
        let knowing = law.entropies(bits: 3, helperBits: 3, correlation: rho, tail: tail).reduce(0, +)
        let gaussian = law.entropies(bits: 3, helperBits: 3, correlation: rho, tail: 0).reduce(0, +)
        #expect(knowing < gaussian - 0.01)
        // No ratio is more certain than jumps are rare.
        let quantizer = QuantileHelperQuantizer(bits: 1, helperBits: 3)
        func ratio(_ tail: Double) -> Double {
            abs(
                quantizer.logLikelihood(
                    score: 3, helper: 4, correlation: rho, tail: tail, prefix: 0, known: 0))
        }
        #expect(ratio(tail) < ratio(0) / 3)
    }
}
