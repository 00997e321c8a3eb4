// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Quantization

/// What an end wants of commissioning over exchanges: the window that it has, and how much is published to renew it.
///
/// Where both ends hold the same window, an exchange publishes a refresh and nothing more, and the model comes from the
/// newest pairs of both. Else both commission in full, and begin a new window with that.
public struct CommissioningCarry: Sendable {
    /// The window of earlier exchanges; nil where there is none yet.
    public var state: CommissioningState?
    /// Fraction of the pairs that is published beside a window; 256 pairs are, at the least.
    public var refresh: Double
    /// Pairs in a window at the most.
    public var window: Int
    /// What messages call the state: the name of its file.
    public var name: String
    /// The user's name for radio and surroundings, for a new window.
    public var environment: String

    public static let defaultRefresh = 0.05
    public static let defaultWindow = 20_000
    /// What `window` may be. The regressions of recorded strengths use no more.
    public static let windows = 1024...40_000
    /// Pairs of a refresh at the least.
    static let leastRefresh = 256

    public init(
        state: CommissioningState? = nil, refresh: Double = Self.defaultRefresh,
        window: Int = Self.defaultWindow, name: String = "the commissioning state", environment: String = ""
    ) {
        self.state = state
        self.refresh = refresh
        self.window = window
        self.name = name
        self.environment = environment
    }

    /// Throws `.usage` for values that make no sense, and for choices that a window can't serve.
    public func validate(_ options: ExchangeOptions) throws(QWaveError) {
        guard refresh > 0, refresh < 1, Self.windows.contains(window) else {
            throw QWaveError(
                .usage,
                "--refresh is a fraction between 0 and 1, and --window \(Self.windows.lowerBound) to "
                    + "\(Self.windows.upperBound) pairs")
        }
        guard options.feature != .synchronized else {
            throw QWaveError(
                .usage,
                "blocks on one phase track run through a recording without a gap, and a commissioning state is made "
                    + "of pieces: give --commissioning without --feature synchronized")
        }
        guard options.decorrelation != .dct else {
            throw QWaveError(
                .usage,
                "a transform over time runs through a recording without a gap, and a commissioning state is made of "
                    + "pieces: give --commissioning with another --decorrelation than dct")
        }
    }

    /// Throws `.refused` where the window was dropped: that sticks until somebody takes it away.
    public func checkHealth() throws(QWaveError) {
        guard let dropped = state?.dropped, !dropped.isEmpty else { return }
        throw QWaveError(
            .refused, Self.anotherChannel(name) + " (failed before: \(dropped.joined(separator: ", ")))")
    }

    static func anotherChannel(_ name: String) -> String {
        "the channel isn't the one that was commissioned: remove \(name) to commission anew"
    }

    /// How many of `pairs` pairs renew a window of samples of so many columns: whole units, and never more than half of
    /// it.
    public func refreshPairs(of pairs: Int, columns: Int = 1) -> Int {
        let unit = CommissioningState.unit
        let wanted = max(Double(Self.leastRefresh), Double(pairs) * refresh)
        let most = min(window, CommissioningState.mostValues / max(columns, 1)) / 2 / unit * unit
        return min(most, (Int(min(wanted, Double(most)).rounded(.up)) + unit - 1) / unit * unit)
    }

    /// Why the window can't serve captures of a kind, in words; nil where it can.
    func misfit(_ kind: CommissioningState.Kind) -> String? {
        guard let state else { return "there is no commissioning state yet" }
        guard state.kind == kind else {
            return "\(name) is of other captures: \(state.kind.columns) features of kind "
                + "\(state.kind.feature.rawValue), \(kind.columns) of kind \(kind.feature.rawValue) here"
        }
        return nil
    }

    /// What PARAMETERS says of it.
    func claim(_ kind: CommissioningState.Kind) -> Claim {
        Claim(digest: misfit(kind) == nil ? state?.digest : nil, refresh: refresh, window: window)
    }

    /// What each end says of the window that it would use.
    struct Claim: Codable, Hashable {
        /// Absent where there is none that fits the capture.
        var digest: String?
        var refresh: Double
        var window: Int
    }
}

/// A window that both ends of an exchange hold, and how it is renewed.
struct CarriedWindow {
    let state: CommissioningState
    let carry: CommissioningCarry

    /// The common window, or why there is none; both ends come to the same answer.
    ///
    /// - Parameter rate: pairs a second as both ends agreed.
    static func common(
        _ carry: CommissioningCarry, own: CommissioningCarry.Claim?, theirs: CommissioningCarry.Claim?,
        kind: CommissioningState.Kind, rate: Double?
    ) -> (window: CarriedWindow?, reason: String?) {
        guard let own, own.digest != nil, let state = carry.state else { return (nil, carry.misfit(kind)) }
        guard own == theirs else {
            let reason =
                theirs?.digest == own.digest
                ? "the ends want different refreshes or windows"
                : theirs?.digest == nil ? "the peer has none that it could use" : "the peer's is another one"
            return (nil, reason)
        }
        guard state.fits(rate: rate) else {
            return (nil, "\(carry.name) is of another probe rate")
        }
        return (CarriedWindow(state: state, carry: carry), nil)
    }
}
