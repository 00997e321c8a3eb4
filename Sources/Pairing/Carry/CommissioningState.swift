// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
public import Quantization

/// A rolling window of samples that both ends published in earlier exchanges: what a model is commissioned from where
/// an exchange publishes only a refresh.
///
/// All of it is public, nothing of it was ever keyed, and both ends hold the same: they compare its `digest` before they
/// use it. As a file it is JSON that anybody can read (`json()`), with the samples as 32-bit floats in base64.
///
/// A window is made of runs, one for each exchange. Runs are whole numbers of 128 pairs, as long as a segment of equal
/// class, and nothing is assumed of what lay between two of them: no trend, lag or memory reaches from one into another.
public struct CommissioningState: Sendable, Hashable {
    /// What gives samples their meaning: samples of another kind don't go into the same window.
    public struct Kind: Sendable, Hashable {
        public var feature: FeatureKind
        /// Features of one snapshot.
        public var columns: Int
        public var tones: [Int]
        public var simulated: Bool

        public init(feature: FeatureKind, columns: Int, tones: [Int], simulated: Bool) {
            self.feature = feature
            self.columns = columns
            self.tones = tones
            self.simulated = simulated
        }

        init(_ trace: ChannelTrace, _ extractor: FeatureExtractor) {
            self.init(
                feature: extractor.kind, columns: extractor.columns, tones: trace.description.toneIndices,
                simulated: trace.description.simulated)
        }
    }

    /// Pairs that a run's length is a multiple of.
    public static let unit = 128
    /// Pairs of a window at the least.
    public static let fewest = 1024
    /// Values of one end that a window holds at the most: 64 MiB of floats.
    public static let mostValues = 1 << 24
    /// How far rates may lie apart, as a share.
    static let rateTolerance = 0.01

    public let kind: Kind
    /// Pairs a second as the ends agreed, where known.
    public let rate: Double?
    /// The user's name for radio and surroundings; each end has its own, so it isn't compared.
    public var environment: String
    /// What the initiator and the responder published, the same rows, oldest first.
    public let initiator: FeatureMatrix
    public let responder: FeatureMatrix
    /// The first row of each run; the first is 0.
    public let starts: [Int]
    /// Rows before which something is missing: a lost probe, or all that lay before another exchange.
    public let breaks: [Int]
    /// How many exchanges ever contributed, those whose samples are gone included.
    public let exchanges: Int
    /// When the first and the last of them were, ISO 8601 by this end's clock.
    public let first: String
    public let last: String
    /// Health tests that found another channel than this one: then it serves nobody any more.
    public internal(set) var dropped: [String] = []

    /// Pairs in the window.
    public var pairs: Int { initiator.rows }
    /// Rows at which a further run begins.
    var joints: [Int] { Array(starts.dropFirst()) }

    /// All parts, which must fit each other; `CommissioningState+JSON` checks those that come from outside.
    init(
        kind: Kind, rate: Double?, environment: String, initiator: FeatureMatrix, responder: FeatureMatrix,
        starts: [Int], breaks: [Int], exchanges: Int, first: String, last: String
    ) {
        self.kind = kind
        self.rate = rate
        self.environment = environment
        self.initiator = initiator
        self.responder = responder
        self.starts = starts
        self.breaks = breaks
        self.exchanges = exchanges
        self.first = first
        self.last = last
    }

    /// A window of what one exchange published: its newest pairs, `window` at the most.
    ///
    /// - Parameters:
    ///   - breaks: rows before which a probe is missing.
    ///   - date: now, ISO 8601.
    ///
    /// Nil where that leaves less than `fewest` pairs.
    init?(
        kind: Kind, rate: Double?, environment: String, initiator: FeatureMatrix, responder: FeatureMatrix,
        breaks: [Int], window: Int, date: String
    ) {
        let cut = initiator.rows - Self.kept(initiator.rows, of: window, columns: kind.columns)
        guard initiator.rows - cut >= Self.fewest else { return nil }
        self.init(
            kind: kind, rate: rate, environment: environment,
            initiator: initiator.slice(cut..<initiator.rows),
            responder: responder.slice(cut..<initiator.rows), starts: [0],
            breaks: breaks.filter { $0 > cut && $0 < initiator.rows }.map { $0 - cut }, exchanges: 1,
            first: date, last: date)
    }

    /// This window and what an exchange published since, the newest `window` pairs of both together.
    ///
    /// - Precondition: a whole number of units was published, of the window's kind.
    func adding(
        initiator newA: FeatureMatrix, responder newB: FeatureMatrix, breaks newBreaks: [Int], window: Int,
        date: String
    ) -> CommissioningState {
        let count = pairs + newA.rows
        let cut = count - Self.kept(count, of: window, columns: kind.columns)
        func joined(_ old: FeatureMatrix, _ new: FeatureMatrix) -> FeatureMatrix {
            FeatureMatrix(rows: count, columns: old.columns, values: old.values + new.values)
                .slice(cut..<count)
        }
        func moved(_ rows: [Int]) -> [Int] { rows.filter { $0 > cut }.map { $0 - cut } }
        return CommissioningState(
            kind: kind, rate: rate, environment: environment, initiator: joined(initiator, newA),
            responder: joined(responder, newB), starts: [0] + moved(joints + [pairs]),
            breaks: moved(
                breaks + [pairs] + newBreaks.filter { $0 > 0 && $0 < newA.rows }.map { $0 + pairs }),
            exchanges: exchanges + 1, first: first, last: date)
    }

    /// This window after a failed health test: it serves nobody any more.
    func dropping(_ failed: [String]) -> CommissioningState {
        var state = self
        state.dropped = failed
        return state
    }

    /// How many of `rows` rows a window keeps: whole units, never more than a file may hold.
    private static func kept(_ rows: Int, of window: Int, columns: Int) -> Int {
        min(rows, window, mostValues / max(columns, 1)) / unit * unit
    }

    /// Whether it can serve a capture whose pairs come at `other` a second.
    func fits(rate other: Double?) -> Bool {
        switch (rate, other) {
        case (nil, nil): true
        case (let a?, let b?): abs(a - b) <= Self.rateTolerance * max(a, b)
        default: false
        }
    }

    /// SHA-256 in hexadecimal of everything that both ends must have in common; names and dates aren't.
    public var digest: String {
        var writer = ByteWriter()
        writer.write(Array(Self.format.utf8))
        writer.writeCounted(Array(kind.feature.rawValue.utf8))
        writer.write(UInt8(kind.simulated ? 1 : 0))
        writer.write(UInt8(rate == nil ? 0 : 1))
        writer.write(rate ?? 0)
        for list in [kind.tones, starts, breaks] {
            writer.write(UInt64(list.count))
            for value in list { writer.write(UInt64(bitPattern: Int64(value))) }
        }
        writer.write(UInt64(pairs))
        writer.write(UInt64(kind.columns))
        writer.write(initiator.encoded)
        writer.write(responder.encoded)
        return Digest.hexadecimal(writer.bytes)
    }

    /// Whether a whole unit of an end's samples stands here already, at any place: then they were published before, and
    /// what is published is never keyed.
    func holds(_ features: FeatureMatrix, of role: Party.Role) -> Bool {
        let own = role == .initiator ? initiator : responder
        guard features.columns == own.columns, features.rows >= Self.unit else { return false }
        // Strengths in whole decibels stand still at times, and one still unit is like another.
        let units = stride(from: 0, to: own.rows, by: Self.unit).map { $0..<$0 + Self.unit }.filter { unit in
            unit.dropFirst().count { Self.fingerprint(own, $0) != Self.fingerprint(own, $0 - 1) }
                >= Self.unit / 4
        }
        let known = Set(units.map { Self.fingerprint(own, $0) })
        // Polynomial hashes of a unit that slides along, one row in and one row out.
        let rows = (0..<features.rows).map { Self.fingerprint(features, $0) }
        let oldest = (0..<Self.unit).reduce(UInt64(1)) { power, _ in power &* Self.base }
        var hash: UInt64 = 0
        for row in rows.indices {
            hash = hash &* Self.base &+ rows[row]
            if row >= Self.unit { hash = hash &- rows[row - Self.unit] &* oldest }
            if row >= Self.unit - 1, known.contains(hash) { return true }
        }
        return false
    }

    private static let base: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func fingerprint(_ features: FeatureMatrix, _ row: Int) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for column in 0..<features.columns {
            hash = (hash ^ UInt64(features[row, column].bitPattern)) &* 0x100_0000_01B3
        }
        return hash
    }

    private static func fingerprint(_ features: FeatureMatrix, _ rows: Range<Int>) -> UInt64 {
        rows.reduce(UInt64(0)) { $0 &* base &+ fingerprint(features, $1) }
    }
}
