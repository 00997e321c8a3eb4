// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// A channel's power-delay profile by name: what fades where, before Doppler, line of sight and noise.
///
/// ```swift
/// let office = try ChannelModel(named: "tgn-d")
/// let street = try ChannelModel(named: "tdl-c", delaySpread: 300)
/// let own = try ChannelModel(name: "hall", delays: [0, 60, 140], decibels: [0, -3, -9])
/// ```
public struct ChannelModel: Sendable, Hashable, Codable {
    /// One resolvable path: its delay in nanoseconds and its share of the diffuse power.
    public struct Tap: Sendable, Hashable, Codable {
        public var delay: Double
        public var power: Double
        /// From where its waves come; nil where the model doesn't say.
        public var angles: [TapAngles]?
    }

    public let name: String
    /// Taps in the table's order; their powers sum to 1, so that SNR means the same for every model.
    public private(set) var taps: [Tap]
    /// The Rice factor in dB where none is given; nil for models without line of sight.
    public let defaultRiceFactor: Double?

    /// A table of one's own: delays in nanoseconds, relative powers in dB. Powers are normalized to a sum of 1.
    ///
    /// Throws `.usage` for an empty table, unequal lengths, or a value that isn't finite or a negative delay.
    public init(name: String, delays: [Double], decibels: [Double]) throws(QWaveError) {
        guard !delays.isEmpty, delays.count == decibels.count else {
            throw QWaveError(
                .usage,
                "channel model \(name) has \(delays.count) delays and \(decibels.count) powers; "
                    + "give as many of each, at least one")
        }
        guard delays.allSatisfy({ $0.isFinite && $0 >= 0 }), decibels.allSatisfy({ $0.magnitude <= 300 })
        else {
            throw QWaveError(
                .usage,
                "channel model \(name) has a negative or infinite delay, or a power beyond ±300 dB")
        }
        self.init(name, delays, decibels)
    }

    init(_ name: String, _ delays: [Double], _ decibels: [Double], riceFactor: Double? = nil) {
        let powers = decibels.map { Portable.power(decibels: $0) }
        let total = powers.reduce(0, +)
        self.name = name
        taps = zip(delays, powers).map { Tap(delay: $0, power: $1 / total) }
        defaultRiceFactor = riceFactor
    }

    init(_ name: String, taps: [(delay: Double, power: Double, angles: [TapAngles])]) {
        let total = taps.reduce(0) { $0 + $1.power }
        self.name = name
        self.taps = taps.map { Tap(delay: $0.delay, power: $0.power / total, angles: $0.angles) }
        defaultRiceFactor = nil
    }

    /// Says from where each tap's waves come.
    mutating func give(angles: [[TapAngles]]) {
        for index in taps.indices { taps[index].angles = angles[index] }
    }

    /// Flat Rayleigh fading: one tap.
    public static let rayleigh = ChannelModel("rayleigh", [0], [0])
    /// Flat Rice fading: one tap and a line of sight, 6 dB stronger unless said otherwise.
    public static let rice = ChannelModel("rice", [0], [0], riceFactor: 6)

    /// All models that have a name of their own.
    public static let all: [ChannelModel] =
        TGn.allCases.map(\.model) + TGn.allCases.map { $0.refined(for: .mhz20) }
        + TDL.allCases.map { $0.model() } + [rayleigh, rice]

    /// A model by its name: `tgn-a` to `tgn-f`, `tgac-a` to `tgac-f`, `tdl-a` to `tdl-e`, `rayleigh`, `rice`.
    ///
    /// - Parameters:
    ///   - bandwidth: what TGac refines its taps for.
    ///   - delaySpread: of TR 38.901's delay lines, in nanoseconds, 100 unless given; no other model takes one.
    ///
    /// Throws `.usage`, with the names that exist, for any other.
    public init(
        named name: String, bandwidth: Bandwidth = .mhz20, delaySpread: Double? = nil
    ) throws(QWaveError) {
        let lower = name.lowercased()
        guard let found = Self.all.first(where: { $0.name == lower }) else {
            let names = Self.all.map(\.name).joined(separator: ", ")
            throw QWaveError(.usage, "no channel model is called \"\(name)\"; there are \(names)")
        }
        let letter = String(lower.suffix(1))
        if lower.hasPrefix("tdl-"), let line = TDL(rawValue: letter) {
            let spread = delaySpread ?? TDL.defaultDelaySpread
            guard spread > 0, spread <= 1e5 else {
                throw QWaveError(.usage, "a delay spread of \(spread) ns can't be; give 1 to 100000 ns")
            }
            self = line.model(delaySpread: spread)
            return
        }
        guard delaySpread == nil else {
            throw QWaveError(.usage, "\(lower) has a delay spread of its own; only tdl-a to tdl-e take one")
        }
        if lower.hasPrefix("tgac-"), let model = TGn(rawValue: letter) {
            self = model.refined(for: bandwidth)
        } else {
            self = found
        }
    }

    /// Mean delay in nanoseconds.
    public var meanDelay: Double { taps.reduce(0) { $0 + $1.power * $1.delay } }

    /// Root-mean-square delay spread in nanoseconds.
    public var delaySpread: Double {
        let mean = meanDelay
        return taps.reduce(0) { $0 + $1.power * ($1.delay - mean) * ($1.delay - mean) }.squareRoot()
    }
}
