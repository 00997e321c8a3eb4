// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Statistics

/// One end's components over a whole capture, as a plan makes them.
public struct ComponentStreams: Sendable {
    /// Normal scores: `scores[component][row]`; a row is a kept pair, or a block of them.
    public let scores: [[Double]]
    /// The class of each segment, empty where the plan has none.
    public let segmentClasses: [Int]
    /// Pairs in one row.
    public let pairsPerRow: Int

    /// Projects the features of all pairs of one end.
    ///
    /// - Parameters:
    ///   - published: features as extracted, a row for each pair.
    ///   - role: whose map and marginals apply.
    ///   - joints: rows at which another recording begins: trends don't reach over them.
    public init(published: FeatureMatrix, plan: QuantizationPlan, role: Party.Role, joints: [Int] = []) {
        let features = Self.features(
            published, kind: plan.feature, columns: plan.initiatorMap.mean.count / max(plan.timeBlock, 1),
            alignment: plan.alignment)
        let (cleaned, rms) = Self.clean(
            features, trend: plan.trend, segmentLength: plan.segmentLength, joints: joints)
        segmentClasses = rms.map { plan.segmentClass(rootMeanSquare: $0) }
        let kept = Self.decimate(cleaned, stride: plan.stride)
        let blocks = Self.block(
            kept, timeBlock: plan.timeBlock, decorrelation: plan.decorrelation, kind: plan.feature)
        let map = role == .initiator ? plan.initiatorMap : plan.responderMap
        let marginals = role == .initiator ? plan.initiatorMarginals : plan.responderMarginals
        scores = zip(map.apply(blocks), marginals).map { values, marginal in values.map { marginal.score($0) }
        }
        pairsPerRow = plan.stride * plan.timeBlock
    }

    init(scores: [[Double]], pairsPerRow: Int) {
        self.scores = scores
        self.pairsPerRow = pairsPerRow
        segmentClasses = []
    }

    /// The features that a plan's kind takes from the published ones: amplitudes and aligned gains come out of
    /// canonical gains.
    ///
    /// - Parameter columns: how many the kind has; amplitudes that were published as such have that many already.
    static func features(
        _ published: FeatureMatrix, kind: FeatureKind, columns: Int, alignment: AlignedGains? = nil
    ) -> FeatureMatrix {
        if kind == .aligned, let alignment { return alignment.apply(published) }
        guard kind == .amplitude, published.columns != columns else { return published }
        let half = published.columns / 2
        var values = [Float](repeating: 0, count: published.rows * half)
        for row in 0..<published.rows {
            for column in 0..<half {
                let re = published[row, column]
                let im = published[row, half + column]
                values[row * half + column] = (re * re + im * im).squareRoot()
            }
        }
        return FeatureMatrix(rows: published.rows, columns: half, values: values)
    }

    /// Trend removal of every column, and the root mean square of each segment where segments are asked for.
    static func clean(
        _ features: FeatureMatrix, trend: TrendRemoval, segmentLength: Int, joints: [Int] = []
    ) -> (FeatureMatrix, segments: [Double]) {
        guard trend.window > 1 || trend.scaleWindow > 1 || segmentLength > 0 else { return (features, []) }
        var cleaned = features
        var segments: [Double] = []
        let runs = Runs(rows: features.rows, joints: joints)
        for column in 0..<features.columns {
            let centered = runs.map(features.column(column)) { trend.centered($0) }
            let scale = runs.map(centered) { trend.scale(of: $0) }
            for row in centered.indices {
                cleaned.values[row * features.columns + column] = Float(centered[row] / scale[row])
            }
            if segmentLength > 0, column == 0 {
                segments = stride(from: 0, to: centered.count, by: segmentLength).map { start in
                    let part = centered[start..<min(start + segmentLength, centered.count)]
                    return (part.reduce(0) { $0 + $1 * $1 } / Double(part.count)).squareRoot()
                }
            }
        }
        return (cleaned, segments)
    }

    static func decimate(_ features: FeatureMatrix, stride step: Int) -> FeatureMatrix {
        guard step > 1 else { return features }
        var values: [Float] = []
        let rows = (features.rows + step - 1) / step
        values.reserveCapacity(rows * features.columns)
        for row in stride(from: 0, to: features.rows, by: step) {
            values.append(contentsOf: features.values[row * features.columns..<(row + 1) * features.columns])
        }
        return FeatureMatrix(rows: rows, columns: features.columns, values: values)
    }

    static func block(
        _ features: FeatureMatrix, timeBlock: Int, decorrelation: Decorrelation, kind: FeatureKind
    ) -> FeatureMatrix {
        guard decorrelation == .dct else { return features }
        return BlockTransform(timeBlock: timeBlock, planes: kind == .canonical || kind == .aligned ? 2 : 1)
            .apply(features)
    }
}
