// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

extension EveRegressors {
    /// The columns that an attacker on each target goes by: `result[target][column][row]`.
    ///
    /// For gains they are, for a target, its own component in the views where that goes best with it, around the row and
    /// by either map, then her other components. For a scalar they are the form of her columns that goes best with it, the
    /// best first.
    ///
    /// - Parameters:
    ///   - targets: scores of the initiator's components, by the places of the map.
    ///   - lesson: rows by which views are chosen; an attacker who is examined on others hasn't seen those.
    ///   - limit: columns at the most for one target.
    public func columns(targets: [[Double]], lesson: Range<Int>, limit: Int) -> [[[Double]]] {
        guard kind != .scalar else { return strengths(targets: targets, lesson: lesson, limit: limit) }
        var best = [[Candidate]](repeating: [], count: targets.count)
        var others = [[(strength: Double, set: [[Double]])]](repeating: [], count: targets.count)
        for index in 0..<views {
            if let view = view(
                index, places: Array(targets.indices), first: index < Self.most ? limit : 0)
            {
                for (place, target) in targets.enumerated() where place < view.predicted.count {
                    best[place].append(
                        Candidate(view, place, target, lesson, views: index < Self.most ? limit : 0))
                    best[place].sort { $0.strength > $1.strength }
                    best[place] = Array(best[place].prefix(Self.most))
                }
            }
            guard index < Self.most else { continue }
            for set in directions(index, limit: max(4, limit / 4)) {
                for (place, target) in targets.enumerated() {
                    let strength = set.prefix(8).reduce(0) { $0 + pow2(Self.correlation($1, target, lesson)) }
                    others[place].append((strength, set))
                }
            }
        }
        return targets.indices.map { place in
            var chosen: [[Double]] = []
            for candidate in best[place] { chosen += candidate.own }
            if let first = best[place].first { chosen += first.rest }
            for set in others[place].sorted(by: { $0.strength > $1.strength }) { chosen += set.set }
            return Array(chosen.prefix(max(limit, 0)))
        }
    }

    /// Views whose columns stand together in one regression.
    static let most = 8

    /// One view of one target.
    private struct Candidate {
        var strength: Double
        var own: [[Double]]
        var rest: [[Double]]

        init(_ view: View, _ place: Int, _ target: [Double], _ lesson: Range<Int>, views limit: Int) {
            strength = max(
                abs(EveRegressors.correlation(view.aimed[place], target, lesson)),
                abs(EveRegressors.correlation(view.predicted[place], target, lesson)))
            own = [view.aimed[place], view.predicted[place], view.early[place], view.late[place]]
            rest = view.aimed.indices.filter { $0 != place && !view.aimed[$0].isEmpty }.prefix(limit)
                .map { view.aimed[$0] }
        }
    }

    private func strengths(targets: [[Double]], lesson: Range<Int>, limit: Int) -> [[[Double]]] {
        let published = reference.columns > 0 ? reference.column(0) : []
        return targets.map { target in
            let forms = EveColumns.forms(
                eve, published: published, trend: trend, stride: stride,
                scores: Array(target.prefix(lesson.upperBound)), most: limit)
            func strength(_ form: [[Double]]) -> Double {
                form.map { abs(Self.correlation($0, target, lesson)) }.max() ?? 0
            }
            let best = forms.max { strength($0) < strength($1) } ?? []
            return Array(
                best.sorted {
                    abs(Self.correlation($0, target, lesson)) > abs(Self.correlation($1, target, lesson))
                }.prefix(max(limit, 0)))
        }
    }

    fileprivate static func correlation(_ column: [Double], _ target: [Double], _ rows: Range<Int>) -> Double
    {
        let rows = rows.clamped(to: 0..<min(column.count, target.count))
        return Series.correlation(Array(column[rows]), Array(target[rows]))
    }
}

private func pow2(_ x: Double) -> Double { x * x }
