// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// Smooths a stream by the polynomial that fits each window best (Savitzky and Golay, Analytical Chemistry 36(8), 1964).
///
/// A polynomial of the order passes unchanged, noise falls by the window. Smoothing makes the ends agree better and
/// the stream more predictable alike: what is measured for the key length is measured after it.
public struct SavitzkyGolay: Sendable, Hashable {
    public let window: Int
    public let order: Int
    /// Row r: the weights of a window's samples in the fit's value at its place r.
    private let weights: [[Double]]

    /// - Precondition: the window is odd and longer than the order; 11 and 3 unless told.
    public init(window: Int = 11, order: Int = 3) {
        precondition(window % 2 == 1 && window <= 1001, "a window has a middle")
        precondition(
            (0..<min(window, 10)).contains(order), "a fit has less coefficients than its window samples")
        self.window = window
        self.order = order
        // Legendre's polynomials over the window keep the normal equations far from singular.
        let places = (0..<window).map { place in
            window == 1 ? 0 : 2 * Double(place) / Double(window - 1) - 1
        }
        let basis = Matrix(rows: window, columns: order + 1) { Self.legendre($1, places[$0]) }
        let normal = basis.transposed * basis
        // The columns are independent, for the order is below the window.
        let solved = Cholesky(normal)?.solve(basis.transposed) ?? basis.transposed
        let hat = basis * solved
        weights = (0..<window).map { Array(hat.row($0)) }
    }

    private static func legendre(_ degree: Int, _ x: Double) -> Double {
        var (before, now) = (1.0, x)
        if degree == 0 { return before }
        for n in 1..<max(degree, 1) {
            (before, now) = (now, (Double(2 * n + 1) * x * now - Double(n) * before) / Double(n + 1))
        }
        return now
    }

    /// The weights of a window's samples in the smoothed value at its middle.
    public var coefficients: [Double] { weights[window / 2] }

    /// The smoothed stream; the ends follow the first and the last window's own fit. A stream shorter than the
    /// window stays as it is.
    public func apply(_ x: [Double]) -> [Double] {
        guard x.count >= window else { return x }
        let half = window / 2
        return x.indices.map { index in
            let start = min(max(index - half, 0), x.count - window)
            let row = weights[index - start]
            return (0..<window).reduce(0) { $0 + row[$1] * x[start + $1] }
        }
    }
}

/// Smooths a stream by the mean of a short window; at the edges of what there is of it.
public struct MovingAverage: Sendable, Hashable {
    public let window: Int

    /// - Precondition: the window is odd; 3 unless told.
    public init(window: Int = 3) {
        precondition(window >= 1 && window % 2 == 1, "a window has a middle")
        self.window = window
    }

    public func apply(_ x: [Double]) -> [Double] { Series.movingMean(x, width: window) }
}
