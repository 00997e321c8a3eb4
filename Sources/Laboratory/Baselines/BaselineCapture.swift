// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Quantization

/// Two ends' captures as the baselines take them: paired gains in decibels, tone by tone.
struct BaselineCapture: Sendable {
    /// Tone after tone, each a series over the pairs.
    var initiator: [[Double]]
    var responder: [[Double]]
    /// Eve's receptions at the pairs, mean power in decibels for each antenna pair; empty without her.
    var eve: [[Double]]
    /// Pairs at the beginning that commission.
    var commissioned: Int
    var seconds: Double?
    var simulated: Bool

    var pairs: Int { initiator.first?.count ?? 0 }

    /// Throws `.refused` where the captures can't be paired or are too short.
    init(_ alice: ChannelTrace, _ bob: ChannelTrace, eve: ChannelTrace?, commissioning: Double, rate: Double?)
        throws(QWaveError)
    {
        guard alice.count > 0, bob.count > 0 else {
            throw QWaveError(.badInput, "a capture holds no snapshot")
        }
        let list = try PairList(initiator: ProbeList(alice), responder: ProbeList(bob))
        let count = list.count
        commissioned = min(count, max(1024, Int((Double(count) * commissioning).rounded(.up))))
        guard count - commissioned >= 256 else {
            throw QWaveError(
                .refused,
                "\(count) pairs: the first \(commissioned) commission the model and less than 256 are left; record longer"
            )
        }
        initiator = try Self.tones(alice, list.initiator)
        responder = try Self.tones(bob, list.responder)
        guard initiator.count == responder.count else {
            throw QWaveError(
                .refused, "the captures have \(initiator.count) and \(responder.count) gains a snapshot")
        }
        simulated = alice.description.simulated || bob.description.simulated
        let times = list.initiator.compactMap { alice.time(at: $0) }
        let span = times.count == count ? (times.max() ?? 0) - (times.min() ?? 0) : 0
        seconds =
            rate.map { Double(count) / $0 } ?? (span > 0 ? span * Double(count) / Double(count - 1) : nil)
        self.eve = []
        if let eve, eve.count > 0 { self.eve = try Self.heard(eve, alice, list.initiator) }
    }

    private static func level(_ gain: IQ, _ quantity: ChannelTrace.Quantity) -> Double {
        switch quantity {
        case .decibels: Double(gain.re)
        case .amplitude, .complexGain: 10 * log10(max(Double(gain.power), 1e-30))
        }
    }

    private static func tones(_ trace: ChannelTrace, _ indices: [Int]) throws(QWaveError) -> [[Double]] {
        let shape = trace.shape(at: indices[0])
        var result = [[Double]](repeating: [], count: shape.count)
        for index in indices {
            let gains = trace.gains(at: index)
            guard gains.count == shape.count, gains.allSatisfy({ $0.re.isFinite && $0.im.isFinite }) else {
                throw QWaveError(
                    .badInput,
                    "snapshot \(index) has another shape than the first, or a gain that is no number")
            }
            for (tone, gain) in gains.enumerated() {
                result[tone].append(level(gain, trace.description.quantity))
            }
        }
        return result
    }

    /// Eve's record nearest to each pair, by number where both have them, else by row.
    private static func heard(_ eve: ChannelTrace, _ alice: ChannelTrace, _ indices: [Int])
        throws(QWaveError) -> [[Double]]
    {
        var place: [UInt64: Int] = [:]
        for index in 0..<eve.count {
            if let number = eve.sequence(at: index), place[number] == nil { place[number] = index }
        }
        var known = 0
        let rows = indices.enumerated().map { row, index in
            if let number = alice.sequence(at: index), !place.isEmpty {
                known = place[number] ?? known
            } else {
                known = min(row, eve.count - 1)
            }
            return known
        }
        let all = try tones(eve, rows)
        let width = max(1, eve.shape(at: rows[0]).subcarriers)
        return stride(from: 0, to: all.count, by: width).map {
            Self.mean(Array(all[$0..<min($0 + width, all.count)]))
        }
    }

    /// Mean over tones of the power, in decibels: what a card calls signal strength.
    static func mean(_ tones: [[Double]]) -> [Double] {
        guard tones.count > 1, let first = tones.first else { return tones.first ?? [] }
        return first.indices.map { row in
            let sum = tones.reduce(0.0) { $0 + pow(10, $1[row] / 10) }
            return 10 * log10(max(sum / Double(tones.count), 1e-30))
        }
    }
}
