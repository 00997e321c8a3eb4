// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Statistics

/// What an eavesdropper's capture offers as regressors of the components of a plan: one builder for commissioning, for
/// the trained attackers of an exchange and for the laboratory.
///
/// For gains a *view* is one of her antenna pairs (or as many as a snapshot of the ends has) put through the very
/// features, trend removal and linear map of the plan, so that whoever holds an end's own capture holds the component
/// itself. Amplitudes are brought to the initiator's distribution first, tone by tone: any gauge that is monotone in the
/// amplitude comes to the same. Where she has several receive antennas there is also a view of what they make together
/// (`EveBeam`).
public struct EveRegressors: Sendable {
    let eve: EveFeatures
    let kind: FeatureKind
    let alignment: AlignedGains?
    let trend: TrendRemoval
    let stride: Int
    let timeBlock: Int
    let decorrelation: Decorrelation
    let initiator: LinearMap
    let responder: LinearMap
    /// The initiator's published features of the plan's kind.
    let reference: FeatureMatrix
    /// Its columns in rising order: every view is brought to them.
    private let distributions: [[Double]]

    /// A view that fits the map: scores of each component, `[component][row]`, empty for a component nobody asked for.
    struct View {
        /// By the initiator's map, and the same a pair earlier and later.
        var aimed: [[Double]]
        var early: [[Double]]
        var late: [[Double]]
        /// By the responder's map, which makes the initiator's components out of his features.
        var predicted: [[Double]]
    }

    /// Regressors for the components of a plan.
    ///
    /// - Parameters:
    ///   - eve: her capture, from the row of the first published pair on; more rows than were published may follow.
    ///   - published: what the initiator published.
    public init(_ eve: EveFeatures, plan: QuantizationPlan, published: FeatureMatrix) {
        self.init(
            eve, kind: plan.feature, alignment: plan.alignment, trend: plan.trend, stride: plan.stride,
            timeBlock: plan.timeBlock, decorrelation: plan.decorrelation, initiator: plan.initiatorMap,
            responder: plan.responderMap,
            reference: ComponentStreams.features(
                published, kind: plan.feature, columns: plan.initiatorMap.mean.count / max(plan.timeBlock, 1),
                alignment: plan.alignment))
    }

    init(
        _ eve: EveFeatures, kind: FeatureKind, alignment: AlignedGains?, trend: TrendRemoval, stride: Int,
        timeBlock: Int, decorrelation: Decorrelation, initiator: LinearMap, responder: LinearMap,
        reference: FeatureMatrix
    ) {
        self.eve = eve
        self.kind = kind
        self.alignment = alignment
        self.trend = trend
        self.stride = stride
        self.timeBlock = timeBlock
        self.decorrelation = decorrelation
        self.initiator = initiator
        self.responder = responder
        self.reference = reference
        distributions =
            kind == .amplitude
            ? (0..<reference.columns).map { reference.column($0).prefix(eve.rows).sorted() } : []
    }

    /// Gains of one view: as many as a snapshot of the ends has where hers divides so, else a path.
    private var width: Int {
        let gains = kind == .canonical || kind == .aligned ? reference.columns / 2 : reference.columns
        return gains > 0 && eve.shape.count % gains == 0 ? gains : max(eve.shape.subcarriers, 1)
    }

    /// How many of her antenna pairs are looked at each by itself.
    var pairs: Int { eve.shape.count / width }
    /// How many views there are: pairs, then what her antennas make together.
    var views: Int { pairs + beams }
    private var beams: Int {
        kind == .amplitude && eve.isComplex && eve.shape.receiveAntennas > 1 && width == reference.columns
            && width == eve.shape.subcarriers ? eve.shape.transmitAntennas : 0
    }

    /// A view through the plan's own map; nil where her snapshots don't fit it.
    ///
    /// - Parameters:
    ///   - places: the components that are asked for.
    ///   - first: so many of the first components are computed besides, by the initiator's map at the row itself.
    func view(_ index: Int, places: [Int], first: Int = 0) -> View? {
        guard let raw = features(index), raw.columns == reference.columns else { return nil }
        let matched = kind == .amplitude ? match(raw) : raw
        let clean = ComponentStreams.clean(matched, trend: trend, segmentLength: 0).0
        func scores(_ map: LinearMap, _ places: [Int], _ shift: Int) -> [[Double]] {
            let rows = shift == 0 ? clean : moved(clean, shift)
            let blocks = ComponentStreams.block(
                ComponentStreams.decimate(rows, stride: stride), timeBlock: timeBlock,
                decorrelation: decorrelation, kind: kind)
            guard map.isValid(inputs: blocks.columns) else { return [] }
            var result = [[Double]](repeating: [], count: map.components)
            for (place, values) in zip(places, map.keeping(places).apply(blocks)) {
                result[place] = score(values)
            }
            return result
        }
        let known = 0..<min(initiator.components, responder.components)
        let asked = places.filter(known.contains)
        let view = View(
            aimed: scores(initiator, Set(asked).union(known.prefix(first)).sorted(), 0),
            early: scores(initiator, asked, -1), late: scores(initiator, asked, 1),
            predicted: scores(responder, asked, 0))
        return view.aimed.isEmpty || view.predicted.isEmpty ? nil : view
    }

    /// What an antenna pair shows whatever the plan's map is: sets of columns of amplitudes, of their logarithms and of
    /// canonical gains, each as scores of the strongest `limit` directions.
    func directions(_ index: Int, limit: Int) -> [[[Double]]] {
        guard index < pairs, limit > 0 else { return [] }
        let gains = index * width..<(index + 1) * width
        let amplitudes = eve.amplitudes(gains)
        var sets = [amplitudes]
        if amplitudes.values.allSatisfy({ $0 > 0 }) {
            var logarithms = amplitudes
            logarithms.values = amplitudes.values.map { Float(Double($0).logarithm) }
            sets.append(logarithms)
        }
        if let canonical = eve.canonical(gains) { sets.append(canonical) }
        return sets.compactMap { strongest($0, limit: limit) }
    }

    private func features(_ index: Int) -> FeatureMatrix? {
        guard index < pairs else { return EveBeam(self, transmitter: index - pairs)?.amplitudes }
        let gains = index * width..<(index + 1) * width
        switch kind {
        case .amplitude, .scalar: return eve.amplitudes(gains)
        case .canonical: return eve.canonical(gains)
        case .aligned:
            guard let canonical = eve.canonical(gains), canonical.columns == reference.columns else {
                return nil
            }
            return alignment?.apply(canonical)
        case .synchronized: return nil
        }
    }

    private func strongest(_ features: FeatureMatrix, limit: Int) -> [[Double]]? {
        var clean = ComponentStreams.clean(features, trend: trend, segmentLength: 0).0
        // Every column counts alike, whatever its power.
        for column in 0..<clean.columns {
            let scores = score(clean.column(column))
            for row in 0..<clean.rows { clean.values[row * clean.columns + column] = Float(scores[row]) }
        }
        let kept = ComponentStreams.decimate(clean, stride: stride * timeBlock)
        let table = Matrix(rows: kept.rows, columns: kept.columns) { Double(kept[$0, $1]) }
        guard let eigen = SymmetricEigen(table.covariance), let most = eigen.values.first, most > 0 else {
            return nil
        }
        let directions = (0..<min(limit, kept.columns)).filter { eigen.values[$0] > 1e-9 * most }
        let map = LinearMap(
            mean: [Double](repeating: 0, count: kept.columns),
            weights: directions.map { eigen.vectors.column($0) })
        return map.apply(kept).map { score($0) }
    }

    private func match(_ raw: FeatureMatrix) -> FeatureMatrix {
        var matched = raw
        let fit = min(raw.rows, reference.rows)
        for column in 0..<raw.columns {
            let values = raw.column(column)
            let match = QuantileMatch(
                from: Array(values.prefix(fit)), sorted: distributions[column])
            for row in 0..<raw.rows { matched.values[row * raw.columns + column] = Float(match(values[row])) }
        }
        return matched
    }

    private func moved(_ features: FeatureMatrix, _ shift: Int) -> FeatureMatrix {
        var values: [Float] = []
        values.reserveCapacity(features.values.count)
        for row in 0..<features.rows {
            let place = min(max(row + shift, 0), features.rows - 1) * features.columns
            values.append(contentsOf: features.values[place..<place + features.columns])
        }
        return FeatureMatrix(rows: features.rows, columns: features.columns, values: values)
    }

    /// Normal scores by the distribution of the published rows.
    private func score(_ values: [Double]) -> [Double] {
        let fit = max(16, min(reference.rows, eve.rows) / max(stride * timeBlock, 1))
        guard let marginal = MarginalDistribution(samples: Array(values.prefix(fit))) else {
            return values.map { _ in 0 }
        }
        return values.map { marginal.score($0) }
    }
}
