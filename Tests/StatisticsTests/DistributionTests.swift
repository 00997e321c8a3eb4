// SPDX-License-Identifier: GPL-3.0-or-later
import Statistics
import Testing

/// Known answers: mpmath 1.3 with 40 digits, unless another source is named.
@Suite struct DistributionTests {
    @Test(arguments: [
        (0.3, -0.52440051270804078404), (0.1, -1.281551565544600467), (0.02425, -1.9729610513118848503),
        (1e-5, -4.2648907939228246285), (1e-10, -6.3613409024040562047), (1e-20, -9.2623400897984075737),
        (1e-100, -21.273453560965324295), (1e-300, -37.047096299361199237),
    ])
    func `the normal quantile is right to the last digits down to 1e-300`(p: Double, x: Double) {
        #expect(close(Normal.quantile(p), x, 1.5e-15))
    }

    @Test func `the upper quantile gives the z of failure probabilities`() {
        #expect(close(Normal.upperQuantile(0x1p-20), 4.763001034267813957, 2e-15))
        #expect(close(Normal.upperQuantile(0x1p-30), 6.0093535655307438932, 2e-15))
        #expect(close(Normal.upperQuantile(0x1p-40), 7.0477002566644087254, 2e-15))
        #expect(close(Normal.upperQuantile(0x1p-51), 8.0413999590965423438, 2e-15))
    }

    @Test func `the normal quantile is odd, infinite at the ends and undefined outside`() {
        #expect(Normal.quantile(0.5) == 0)
        #expect(Normal.quantile(0.75) == -Normal.quantile(0.25))
        #expect(Normal.quantile(0) == -.infinity)
        #expect(Normal.quantile(1) == .infinity)
        #expect(Normal.quantile(1.5).isNaN)
        #expect(Normal.quantile(.nan).isNaN)
    }

    @Test func `the normal tails keep their relative precision`() {
        #expect(close(Normal.cumulative(-1), 0.15865525393145705141))
        #expect(close(Normal.cumulative(-10), 7.619853024160526066e-24))
        #expect(close(Normal.upperTail(20), 2.7536241186062336951e-89))
        #expect(close(Normal.upperTail(37), 5.7255712225245768227e-300, 1e-12))
        #expect(close(Normal.density(0), 0.39894228040143267794))
    }

    @Test(arguments: [
        (1.0, 3.84, 0.0500435212487050989), (10, 50, 2.66908342490449564e-7), (63, 80, 0.0728954893246226777),
        (255, 200, 0.995425444541951895), (1023, 1500, 1.02863638816056832e-20),
    ])
    func `the chi-square tail agrees with the incomplete gamma function`(k: Double, x: Double, tail: Double) {
        #expect(close(ChiSquare(degrees: k).upperTail(x), tail, 1e-12))
        #expect(close(ChiSquare(degrees: k).cumulative(x), 1 - tail, 1e-12))
    }

    @Test func `chi-square quantiles agree with scipy`() {
        #expect(close(ChiSquare(degrees: 1).upperQuantile(0.05), 3.8414588206941285, 1e-12))
        #expect(close(ChiSquare(degrees: 63).upperQuantile(0x1p-20), 131.54282485808312, 1e-12))
        #expect(close(ChiSquare(degrees: 511).upperQuantile(0x1p-40), 769.7264040434608, 1e-12))
        #expect(ChiSquare(degrees: 3).upperQuantile(0) == .infinity)
        #expect(ChiSquare(degrees: 3).upperQuantile(1) == 0)
        #expect(ChiSquare(degrees: 3).upperQuantile(-1).isNaN)
    }

    @Test func `binomial tails agree with exact sums`() {
        #expect(close(Binomial(trials: 1024, probability: 0.5).upperTail(589), 8.34633210187443426e-7, 1e-12))
        #expect(
            close(Binomial(trials: 512, probability: 0.125).upperTail(103), 7.68484577822970441e-7, 1e-12))
        #expect(close(Binomial(trials: 1024, probability: 0.5).upperTail(512), 0.512463902946489772, 1e-12))
        #expect(
            close(Binomial(trials: 1024, probability: 0.5).cumulative(511), 1 - 0.512463902946489772, 1e-12))
    }

    @Test func `a small binomial is the textbook one`() {
        let law = Binomial(trials: 4, probability: 0.25)
        for (k, expected) in [81.0, 108, 54, 12, 1].enumerated() {
            #expect(close(law.mass(k), expected / 256))
        }
        #expect(law.upperTail(0) == 1)
        #expect(law.upperTail(5) == 0)
        #expect(Binomial(trials: 3, probability: 0).mass(0) == 1)
        #expect(Binomial(trials: 3, probability: 1).mass(3) == 1)
        #expect(Binomial(trials: 3, probability: .nan).upperTail(1).isNaN)
    }

    @Test func `the critical value is the smallest count whose excess is rare enough`() {
        for (n, p) in [(512, 0.25), (1024, 0.5), (1024, 0x1p-8), (100_000, 0.03)] {
            let law = Binomial(trials: n, probability: p)
            for tail in [0x1p-20, 0x1p-40] {
                let k = law.criticalValue(tail: tail)
                #expect(law.upperTail(k + 1) <= tail)
                #expect(law.upperTail(k) > tail)
            }
        }
    }

    @Test func `Bessel functions have their textbook values and zeros`() {
        #expect(close(Bessel.j0(0.5), 0.9384698072408129, 1e-14))
        #expect(abs(Bessel.j0(2.404825557695773)) < 1e-15)
        #expect(close(Bessel.j0(25), 0.096266783275958116, 1e-13))
        #expect(close(Bessel.j1(0.5), 0.24226845767487389, 1e-14))
        #expect(close(Bessel.j1(25), -0.1253502495802899, 1e-13))
    }
}
