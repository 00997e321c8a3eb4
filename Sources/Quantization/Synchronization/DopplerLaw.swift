// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// The commissioned law of the channel's fading over time: a spectrum of one parameter.
public struct DopplerLaw: Sendable, Hashable, Codable {
    /// Name of the spectrum (`UnderlyingChannel.Spectrum`).
    public var spectrum: String
    /// Maximum Doppler shift in cycles a pair.
    public var doppler: Double

    init(_ spectrum: UnderlyingChannel.Spectrum, doppler: Double) {
        self.spectrum = spectrum.rawValue
        self.doppler = doppler
    }

    var isValid: Bool {
        UnderlyingChannel.Spectrum(rawValue: spectrum) != nil && doppler > 0 && doppler < 0.5
    }

    func scaled(by factor: Double) -> DopplerLaw {
        var other = self
        other.doppler *= factor
        return other
    }

    /// r(0) … r(count − 1), r(0) = 1.
    func correlation(_ count: Int) -> [Double] {
        let law = UnderlyingChannel.Spectrum(rawValue: spectrum) ?? .jakes
        return (0..<count).map { law.correlation(doppler * Double($0)) }
    }

    /// Every predictor from the past of a series with covariance `power` · r + `noise`, orders 0 to `order`.
    ///
    /// Levinson's recursion; `coefficients[t][j]` is the weight of z(n − 1 − j) in the prediction of order t.
    static func predictors(_ law: [Double], power: Double, noise: Double, order: Int)
        -> (coefficients: [[Double]], errors: [Double])
    {
        var coefficients: [[Double]] = [[]]
        var errors = [power * law[0] + noise]
        for step in stride(from: 1, through: order, by: 1) {
            let last = coefficients[step - 1]
            var sum = power * law[step]
            for (j, a) in last.enumerated() { sum -= a * power * law[step - 1 - j] }
            let k = sum / errors[step - 1]
            coefficients.append(last.indices.map { last[$0] - k * last[last.count - 1 - $0] } + [k])
            errors.append(errors[step - 1] * (1 - k * k))
        }
        return (coefficients, errors)
    }
}
