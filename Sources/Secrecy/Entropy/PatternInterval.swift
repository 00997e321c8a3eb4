// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// The correlations between which a component's true one lies, on the grid on which the law of its error pattern is
/// computed: what chooses a component and what checks its charge afterwards look at the same places.
///
/// The interval is symmetric in Fisher's transform z = atanh ρ. I(X;E|W) isn't monotone in ρ, so every node of the
/// interval, widened to the grid, is looked at.
public struct PatternInterval: Sendable, Hashable {
    /// Distance of the grid's nodes in z.
    private static let step = 0.04
    /// No correlation lies above this, so that z stays finite.
    private static let closest = 0.9999
    private static let largest = 4.6

    /// The node nearest to the estimate.
    public let center: Int
    /// The nodes of the interval.
    public let nodes: ClosedRange<Int>

    /// - Parameters:
    ///   - correlation: the estimate, 0 to 1.
    ///   - lowerBound: its lower confidence bound, finite; below 0 it counts as 0, above the estimate as that.
    public init(correlation: Double, lowerBound: Double) {
        let middle = min(atanh(min(max(correlation, 0), Self.closest)), Self.largest)
        let lower = min(atanh(min(max(lowerBound, 0), Self.closest)), middle)
        let low = Int((lower / Self.step).rounded(.down))
        center = Int((middle / Self.step).rounded())
        nodes = low...max(low, Int(((2 * middle - lower) / Self.step).rounded(.up)))
    }

    /// ρ at a node.
    public static func correlation(at node: Int) -> Double { tanh(Double(node) * step) }

    /// The charge in bits, given the largest one of the nodes: between them the smooth curve can only rise by its
    /// curvature, which the factor pays for; never more than the symbol's bits.
    public static func charge(bits: Int, largest: Double) -> Double {
        min(Double(bits), 1.01 * largest + 0.001)
    }
}
