// SPDX-License-Identifier: GPL-3.0-or-later

/// The six indoor models of IEEE 802.11-03/940r4 (TGn), as single-antenna tap tables.
public enum TGn: String, Sendable, CaseIterable, Codable {
    case a, b, c, d, e, f

    /// The model as the simulator takes it.
    public var model: ChannelModel {
        // Powers by the published totals, as ever; angles by the clusters that sum to them.
        var result = ChannelModel("tgn-\(rawValue)", delays, totalDecibels)
        result.give(angles: taps(at: delays).map(\.angles))
        return result
    }

    /// Tap delays in nanoseconds.
    public var delays: [Double] {
        switch self {
        case .a: [0]
        case .b: [0, 10, 20, 30, 40, 50, 60, 70, 80]
        case .c: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 110, 140, 170, 200]
        case .d: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 110, 140, 170, 200, 240, 290, 340, 390]
        case .e: [0, 10, 20, 30, 50, 80, 110, 140, 180, 230, 280, 330, 380, 430, 490, 560, 640, 730]
        case .f: [0, 10, 20, 30, 50, 80, 110, 140, 180, 230, 280, 330, 400, 490, 600, 730, 880, 1050]
        }
    }

    /// Power of each tap in dB, all clusters together, before normalization.
    public var totalDecibels: [Double] {
        switch self {
        case .a: [0]
        case .b: [0, -5.4287, -2.5162, -5.8905, -9.1603, -12.5105, -15.6126, -18.7147, -21.8168]
        case .c:
            [
                0, -2.1715, -4.3429, -6.5144, -8.6859, -10.8574, -4.3899, -6.5614, -8.7329, -10.9043,
                -13.7147,
                -15.8862, -18.0577, -20.2291,
            ]
        case .d:
            [
                0, -0.9, -1.7, -2.6, -3.5, -4.3, -5.2, -6.1, -6.9, -7.8, -4.7, -7.3, -9.9, -12.5, -13.7, -18,
                -22.4, -26.7,
            ]
        // The published total of E's first tap is −2.5 dB, its only cluster −2.6 dB: the cluster decides.
        case .e:
            [
                -2.6, -3, -3.5, -3.9, 0, -1.3, -2.6, -3.9, -3.4, -5.6, -7.7, -9.9, -12.1, -14.3, -15.4, -18.4,
                -20.7, -24.6,
            ]
        case .f:
            [
                -3.3, -3.6, -3.9, -4.2, 0, -0.9, -1.7, -2.6, -1.5, -3, -4.4, -5.9, -5.3, -7.9, -9.4, -13.2,
                -16.3, -21.2,
            ]
        }
    }

    /// What a model says of a link shorter than its breakpoint distance, and of shadowing.
    public struct LineOfSight: Sendable, Hashable {
        /// Line of sight over the first tap's diffuse power, in dB, below the breakpoint; beyond it there is none.
        public var firstTapRiceFactor: Double
        /// In meters.
        public var breakpoint: Double
        /// Standard deviation of shadowing in dB, before and after the breakpoint.
        public var shadowing: (before: Double, after: Double) { (shadowingBefore, shadowingAfter) }
        var shadowingBefore: Double
        var shadowingAfter: Double
    }

    public var lineOfSight: LineOfSight {
        let (factor, breakpoint, after): (Double, Double, Double) =
            switch self {
            case .a, .b: (0, 5, 4)
            case .c: (0, 5, 5)
            case .d: (3, 10, 5)
            case .e: (6, 20, 6)
            case .f: (6, 30, 6)
            }
        return LineOfSight(
            firstTapRiceFactor: factor, breakpoint: breakpoint, shadowingBefore: 3, shadowingAfter: after)
    }

    /// The Rice factor of the whole channel, in dB, that the first tap's factor makes: what
    /// `SimulationParameters.riceFactor` takes for a link within the breakpoint distance.
    public var riceFactor: Double {
        lineOfSight.firstTapRiceFactor + Portable.decibels(model.taps[0].power)
    }
}
