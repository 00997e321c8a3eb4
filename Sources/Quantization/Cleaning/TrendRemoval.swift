// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// Takes slow trends out of a feature stream: path loss and shadowing are visible to everybody around.
///
/// A centered moving mean is subtracted; where `scaleWindow` is set the rest is divided by its own moving
/// root mean square, so that slow changes of the fading's power, which Eve may see too, don't shape the symbols.
public struct TrendRemoval: Sendable, Hashable, Codable {
    /// Odd number of samples of the moving mean; 0 subtracts nothing.
    public var window: Int
    /// Odd number of samples of the moving root mean square; 0 scales nothing.
    public var scaleWindow: Int
    /// Added in quadrature to the scale, in the feature's unit, so that a flat stream stays flat.
    public var scaleFloor: Double

    public init(window: Int, scaleWindow: Int = 0, scaleFloor: Double = 0) {
        self.window = window
        self.scaleWindow = scaleWindow
        self.scaleFloor = scaleFloor
    }

    /// The stream without its moving mean.
    public func centered(_ x: [Double]) -> [Double] {
        guard window > 1 else { return x }
        return zip(x, Series.movingMean(x, width: window)).map { $0 - $1 }
    }

    /// The same of streams that were recorded one after the other, each by itself.
    ///
    /// - Parameter joints: where another one begins, rising.
    public func centered(_ x: [Double], joints: [Int]) -> [Double] {
        Runs(rows: x.count, joints: joints).map(x) { centered($0) }
    }

    /// The local root mean square of a centered stream, floor included.
    public func scale(of centered: [Double]) -> [Double] {
        guard scaleWindow > 1 else { return [Double](repeating: 1, count: centered.count) }
        let power = Series.movingMean(centered.map { $0 * $0 }, width: scaleWindow)
        return power.map { max(($0 + scaleFloor * scaleFloor).squareRoot(), 1e-12) }
    }

    /// The stream without trend and with its scale taken out.
    public func apply(_ x: [Double]) -> [Double] {
        let centered = centered(x)
        guard scaleWindow > 1 else { return centered }
        return zip(centered, scale(of: centered)).map { $0 / $1 }
    }
}
