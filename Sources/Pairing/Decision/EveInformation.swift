// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Quantization
internal import Secrecy
internal import Statistics

/// What the ends share and what a recorded Eve leaves of it, by two formulas, beside what was charged: a cross-check that
/// decides nothing.
///
/// Of published samples alone. Eve's columns (`EveRegressors`) are brought to one number a row, the ridge's guess of
/// the initiator's value; it learns from the first half of the rows, and only the second half is measured. For jointly
/// Gaussian values that guess holds all that her columns tell of the fading; what another law hides from it isn't seen.
/// Sums over components count what they have in common more than once, and rows remember earlier ones: as the charges
/// for the past say, more is agreed on here than a key can have.
public struct EveInformation: Sendable, Hashable {
    /// Bits a row, summed over components.
    public struct Estimate: Sendable, Hashable, Codable {
        /// I(A;B), I(A;B|E) and I(A;E).
        public var shared = 0.0
        public var left = 0.0
        public var known = 0.0

        static func + (a: Estimate, b: Estimate) -> Estimate {
            Estimate(shared: a.shared + b.shared, left: a.left + b.left, known: a.known + b.known)
        }
    }

    /// Components that were measured; where the plan keys none, features as they are, at the most `mostFeatures`.
    public var components: Int
    /// Whether the plan keys them.
    public var isKeyed: Bool
    /// Measured rows of a component, the mean.
    public var rows: Int
    /// From correlations (`MutualInformation`), of all measured rows.
    public var gaussian: Estimate
    /// From distances to nearest neighbors (`NearestNeighborInformation`), of `nearestRows` evenly chosen rows of each
    /// component, since it costs the square of their number. Given Eve it comes out low where the ends agree closely:
    /// by 0.6 of 3.7 bits at 25 dB and 800 rows. Nil where an end's values repeat, which spoils it.
    public var nearest: Estimate?
    public var nearestRows: Int
    /// What is charged a row of the same components, the past and Eve: for recorded strengths she is charged in the
    /// past's part. Zero where nothing is keyed.
    public var chargedPast: Double
    public var chargedEve: Double

    static let mostFeatures = 8
    /// Rows that are measured at the least.
    static let leastRows = 64
    /// Pairs of rows that nearest neighbors compare, over all components.
    static let mostComparisons = 4_000_000
    static let neighbors = 4

    /// Measures what an exchange published; nil where it came to no plan, where too little was published, or where each
    /// end synchronizes blocks by itself, which Eve's columns don't fit.
    ///
    /// - Parameters:
    ///   - outcome: the initiator's, of an exchange over these very captures that carried nothing over.
    ///   - random: what fills the gaps of rounded values with, as the exchange did with a draw of its own (`Dither`).
    ///
    /// Throws what reading the captures throws.
    public init?(
        _ outcome: ExchangeOutcome, initiator: ChannelTrace, responder: ChannelTrace, eve: ChannelTrace,
        random: any RandomSource = SystemRandomSource()
    ) throws(QWaveError) {
        guard let plan = outcome.statistics.plan, plan.synchronization == nil,
            outcome.statistics.carriedPairs == 0, outcome.statistics.commissionedPairs > 0,
            let kind = FeatureKind.available(for: initiator).first
        else { return nil }
        let probes = ProbeList(initiator)
        let pairs = try PairList(initiator: probes, responder: ProbeList(responder))
        let count = min(outcome.statistics.commissionedPairs, pairs.count)
        let extractor = try FeatureExtractor(kind: kind, like: initiator)
        var own = try extractor.features(of: initiator, at: Array(pairs.initiator.prefix(count)))
        let theirs = try extractor.features(of: responder, at: Array(pairs.responder.prefix(count)))
        guard own.isPlausible, theirs.isPlausible else { return nil }
        if kind == .scalar || kind == .amplitude { try Dither.apply(to: &own, random: random) }
        self.init(
            plan: plan, published: .init(initiator: own, responder: theirs),
            eve: try EveAlignment.features(
                of: eve, initiator: probes, at: Array(pairs.initiator.prefix(count))))
    }

    init?(plan: QuantizationPlan, published: SharedCommissioning.PublishedFeatures, eve: EveFeatures) {
        let isKeyed = !plan.components.isEmpty
        let plan = isKeyed ? plan : Self.plain(plan, published)
        let ends = [Party.Role.initiator, .responder].map { role in
            ComponentStreams(
                published: role == .initiator ? published.initiator : published.responder, plan: plan,
                role: role)
        }
        let count = ends.flatMap(\.scores).map(\.count).min() ?? 0
        let sources = isKeyed ? Set(plan.components.map(\.source)).sorted() : Array(ends[0].scores.indices)
        guard count >= 4 * Self.leastRows, sources.allSatisfy({ $0 < ends[0].scores.count }),
            sources.allSatisfy({ $0 < ends[1].scores.count })
        else { return nil }
        // Classes of local power that aren't keyed are another law.
        let layout = SymbolLayout(
            plan: plan, keyed: 0..<count, pairsPerRow: ends[0].pairsPerRow,
            segmentClasses: ends[0].segmentClasses)
        let columns = EveRegressors(eve, plan: plan, published: published.initiator).columns(
            targets: ends[0].scores.map { Array($0.prefix(count)) }, lesson: 0..<count / 2,
            limit: max(1, min(count / 12, EveCheck.mostColumns)))
        var triples: [Triple] = []
        for source in sources {
            let parts = plan.components.indices.filter { plan.components[$0].source == source }
            let kept =
                isKeyed && plan.segmentLength > 0
                ? Set(parts.flatMap { layout.rows[$0] }).sorted() : Array(0..<count)
            guard
                let triple = Triple(
                    ends[0].scores[source], ends[1].scores[source], columns[source], rows: kept,
                    learningBefore: count / 2)
            else { return nil }
            triples.append(triple)
        }
        guard !triples.isEmpty else { return nil }
        self.isKeyed = isKeyed
        components = triples.count
        rows = triples.reduce(0) { $0 + $1.count } / triples.count
        gaussian = triples.reduce(Estimate()) { $0 + $1.gaussian }
        let most = Int((Double(Self.mostComparisons) / Double(triples.count)).squareRoot())
        nearestRows = min(most, triples.map(\.count).min() ?? 0)
        nearest = Estimate()
        for triple in triples {
            guard let sum = nearest, let part = triple.nearest(rows: nearestRows) else {
                nearest = nil
                break
            }
            nearest = sum + part
        }
        (chargedPast, chargedEve) = Self.charged(plan, sources)
    }

    /// The least that any class of a source pays, as the trained attackers are measured by.
    private static func charged(_ plan: QuantizationPlan, _ sources: [Int]) -> (past: Double, eve: Double) {
        sources.reduce((0, 0)) { sum, source in
            let parts = plan.components.indices.filter { plan.components[$0].source == source }
                .map { plan.model.components[$0] }
            let least = parts.min { $0.memoryCharge + $0.eveCharge < $1.memoryCharge + $1.eveCharge }
            return (sum.0 + (least?.memoryCharge ?? 0), sum.1 + (least?.eveCharge ?? 0))
        }
    }

    /// A plan without components has no map of many gains: some of the features stand for them.
    private static func plain(
        _ plan: QuantizationPlan, _ published: SharedCommissioning.PublishedFeatures
    ) -> QuantizationPlan {
        let inputs = plan.initiatorMap.mean.count
        guard plan.feature != .scalar, inputs > 1 else { return plan }
        var plan = plan
        let kept = min(inputs, mostFeatures)
        let map = LinearMap(
            mean: [Double](repeating: 0, count: inputs), selection: (0..<kept).map { $0 * inputs / kept })
        // Rising and all but straight over every value there is; scores by their own law follow.
        let size = (published.initiator.values + published.responder.values).reduce(1e-30) {
            max($0, abs(Double($1)))
        }
        let straight = MarginalDistribution(samples: (-16...16).map { 0.25 * Double($0) * size })
        let marginals = straight.map { [MarginalDistribution](repeating: $0, count: kept) } ?? []
        (plan.initiatorMap, plan.responderMap) = (map, map)
        (plan.initiatorMarginals, plan.responderMarginals) = (marginals, marginals)
        return plan
    }

    /// One component at both ends and Eve's guess of it, at rows that the guess didn't learn from.
    private struct Triple {
        var a: [Double]
        var b: [Double]
        /// Nil where the guess never changes: it knows nothing.
        var e: [Double]?
        var count: Int { a.count }

        /// Nil where there are too few rows, or nothing in them moves.
        ///
        /// - Parameter middle: the row before which her guess is learned, as her columns were.
        init?(
            _ own: [Double], _ theirs: [Double], _ columns: [[Double]], rows: [Int],
            learningBefore middle: Int
        ) {
            let usable = columns.filter { column in
                rows.allSatisfy { $0 < column.count && column[$0].isFinite }
            }
            let lesson = rows.filter { $0 < middle }
            let test = rows.filter { $0 >= middle }
            guard lesson.count >= leastRows, test.count >= leastRows else { return nil }
            let count = min(usable.count, lesson.count / 6)
            let table = Matrix(rows: lesson.count, columns: max(count, 1)) {
                count > 0 ? usable[$1][lesson[$0]] : 0
            }
            let target = Matrix(rows: lesson.count, columns: 1) { row, _ in own[lesson[row]] }
            guard let fit = Regression(regressors: table, targets: target) else { return nil }
            let guess = test.map { row in
                (0..<count).reduce(0.0) { $0 + fit.coefficients[$1, 0] * usable[$1][row] }
            }
            guard let a = Self.scores(test.map { own[$0] }), let b = Self.scores(test.map { theirs[$0] })
            else { return nil }
            (self.a, self.b) = (a, b)
            e = Self.scores(guess)
        }

        private static func scores(_ values: [Double]) -> [Double]? {
            let mean = Series.mean(values)
            let deviation = Series.variance(values).squareRoot()
            guard deviation > 1e-9 * (1 + abs(mean)) else { return nil }
            return values.map { ($0 - mean) / deviation }
        }

        var gaussian: Estimate {
            let columns = [a, b] + (e.map { [$0] } ?? [])
            let covariance = Matrix(rows: count, columns: columns.count) { columns[$1][$0] }.covariance
            // Where one determines another there is no density: all is shared, or nothing is left.
            func bits(_ x: Int, _ y: Int) -> Double {
                MutualInformation.real(covariance: covariance, [x], [y]) ?? .infinity
            }
            let shared = bits(0, 1)
            guard e != nil else { return Estimate(shared: shared, left: shared) }
            let known = bits(0, 2)
            // Where there is no density given her either, she determines the component, or the ends each other.
            let left = MutualInformation.real(covariance: covariance, [0], [1], given: [2])
            return Estimate(shared: shared, left: left ?? (known.isFinite ? shared : 0), known: known)
        }

        /// Nil where values repeat: distances between them say nothing.
        func nearest(rows: Int) -> Estimate? {
            let chosen = (0..<rows).map { $0 * count / max(rows, 1) }
            let parts = [a, b, e ?? []].map { values in
                values.isEmpty ? [] : chosen.map { values[$0] }
            }
            guard parts.prefix(2).allSatisfy({ Set($0).count * 10 > 9 * rows }) else { return nil }
            let points = parts.map { $0.map { [$0] } }
            func bits(_ x: Int, _ y: Int, given z: [[Double]] = []) -> Double? {
                NearestNeighborInformation.bits(points[x], points[y], given: z, neighbors: neighbors)
            }
            guard let shared = bits(0, 1) else { return nil }
            guard e != nil else { return Estimate(shared: shared, left: shared) }
            guard let left = bits(0, 1, given: points[2]), let known = bits(0, 2) else { return nil }
            return Estimate(shared: shared, left: left, known: known)
        }
    }
}
