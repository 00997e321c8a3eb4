// SPDX-License-Identifier: GPL-3.0-or-later

/// The best linear predictors of a stationary series from its own past, for every order.
public struct LevinsonDurbin: Sendable {
    /// aᵢ of x̂(n) = Σ aᵢ x(n − i), i = 1…order, for the highest order.
    public let coefficients: [Double]
    /// Partial correlations, one an order.
    public let reflections: [Double]
    /// Prediction error variance by order; entry 0 is the variance itself. Never increasing.
    public let errors: [Double]

    /// - Parameter autocovariance: lags 0, 1, …, order.
    /// Stops early, with shorter results, where the series becomes perfectly predictable or the sequence isn't
    /// a covariance. A variance that isn't positive and finite gives order 0.
    public init(autocovariance r: [Double]) {
        var a: [Double] = []
        var reflections: [Double] = []
        var errors = [r.first ?? 0]
        if let variance = r.first, variance > 0, variance.isFinite {
            for order in 1..<max(r.count, 1) {
                var sum = r[order]
                for i in 0..<a.count { sum -= a[i] * r[order - 1 - i] }
                let k = sum / errors[order - 1]
                guard k.isFinite, abs(k) < 1 else { break }
                a = (0..<a.count).map { a[$0] - k * a[a.count - 1 - $0] } + [k]
                reflections.append(k)
                errors.append(errors[order - 1] * (1 - k * k))
            }
        }
        coefficients = a
        self.reflections = reflections
        self.errors = errors
    }
}
