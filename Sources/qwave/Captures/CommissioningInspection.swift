// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Pairing
internal import QWaveCore
internal import Quantization

/// What `inspect` shows of a commissioning state.
struct CommissioningInspection: CommandResult {
    struct Component: Encodable {
        var source: Int
        var segmentClass: OrNull<Int>
        var bits: Int
        var helperBits: Int
        var correlation: Double
    }

    var format: String
    var feature: String
    var columns: Int
    var pairs: Int
    var exchanges: Int
    var first: String
    var last: String
    var environment: String
    var simulated: Bool
    var rate: OrNull<Double>
    var breaks: Int
    var digest: String
    var dropped: [String]
    /// Between the ends.
    var correlation: Double
    /// Hz where the rate is known.
    var doppler: OrNull<Double>
    var dopplerPerPair: OrNull<Double>
    var spectrum: OrNull<String>
    var stride: Int
    var components: [Component]
    /// Of each keyed pair after every charge, under an exchange's default choices.
    var expectedBitsPerPair: Double
    /// How many keyed pairs that stands for.
    var keyedPairs: Int
    var obstacle: OrNull<String>
    private let name: String

    private enum CodingKeys: CodingKey {
        case format, feature, columns, pairs, exchanges, first, last, environment, simulated, rate, breaks,
            digest
        case dropped, correlation, doppler, dopplerPerPair, spectrum, stride, components, expectedBitsPerPair
        case keyedPairs, obstacle
    }

    /// Pairs that an exchange keys, for what depends on their number: ten minutes at fifty a second.
    static let keyedPairs = 30_000

    init(_ state: CommissioningState, name: String) throws(QWaveError) {
        let summary = try state.summary(keyedPairs: Self.keyedPairs)
        self.name = name
        format = CommissioningState.format
        feature = state.kind.feature.rawValue
        columns = state.kind.columns
        pairs = state.pairs
        exchanges = state.exchanges
        first = state.first
        last = state.last
        environment = state.environment
        simulated = state.kind.simulated
        rate = OrNull(state.rate)
        breaks = state.breaks.count
        digest = state.digest
        dropped = state.dropped
        correlation = summary.correlation
        let perPair = summary.dopplerPerPair
        dopplerPerPair = OrNull(perPair)
        doppler = OrNull(state.rate.flatMap { rate in perPair.map { $0 * rate } })
        spectrum = OrNull(summary.spectrum)
        stride = summary.stride
        components = summary.components.map {
            Component(
                source: $0.source, segmentClass: OrNull($0.segmentClass), bits: $0.bits,
                helperBits: $0.helperBits, correlation: $0.correlation)
        }
        expectedBitsPerPair = summary.expectedBitsPerPair
        keyedPairs = Self.keyedPairs
        obstacle = OrNull(summary.obstacle)
    }

    var text: String {
        var lines = ["\(name): commissioning state" + (simulated ? ", simulated" : "")]
        func add(_ label: String, _ value: String) {
            lines.append("  \(label.padding(toLength: 13))\(value)")
        }
        func digits(_ value: Double, _ count: Int = 3) -> String { String(format: "%.\(count)f", value) }
        if !dropped.isEmpty {
            add("DROPPED", "another channel was found (\(dropped.joined(separator: ", "))); remove the file")
        }
        if !environment.isEmpty { add("environment", environment) }
        add("samples", "\(pairs) pairs of \(columns) features, \(feature)")
        add("exchanges", "\(exchanges), \(first) to \(last)")
        if let rate = rate.value { add("rate", "\(digits(rate, 2)) pairs a second") }
        add("breaks", "\(breaks)")
        add("correlation", digits(correlation) + " between the ends")
        if let perPair = dopplerPerPair.value {
            add(
                "Doppler",
                (doppler.value.map { "\(digits($0, 2)) Hz, " } ?? "") + "\(digits(perPair, 4)) cycles a pair"
                    + (spectrum.value.map { ", \($0) spectrum" } ?? ""))
        }
        if let obstacle = obstacle.value {
            add("plan", "none: \(obstacle)")
        } else {
            let bits = components.map { "\($0.bits)" }.joined(separator: " ")
            add("plan", "\(components.count) components of \(bits) bits, every \(stride). pair")
            add("expected", "\(digits(expectedBitsPerPair)) bits a keyed pair, of \(keyedPairs) pairs")
        }
        add("digest", digest)
        return lines.joined(separator: "\n")
    }
}
