// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Quantization

/// An eavesdropper's capture, brought to the pairs of an exchange: the laboratory's measurement of what she knew.
enum EveAlignment {
    /// Her features at the record nearest to each snapshot of the reference: by sequence number where both have
    /// them, else by time, else by row. Where she recorded nothing the last known value stands.
    static func features(
        of eve: ChannelTrace, reference: ChannelTrace, at indices: [Int]
    ) throws(QWaveError) -> FeatureMatrix {
        guard eve.count > 0, let kind = FeatureKind.available(for: eve).first else {
            throw QWaveError(.badInput, "the eavesdropper's capture holds no snapshot")
        }
        let extractor = try FeatureExtractor(kind: kind == .canonical ? .canonical : kind, like: eve)
        return try extractor.features(of: eve, at: match(eve, reference, indices))
    }

    private static func match(_ eve: ChannelTrace, _ reference: ChannelTrace, _ indices: [Int]) -> [Int] {
        let last = eve.count - 1
        if eve.sequence(at: 0) != nil, reference.sequence(at: 0) != nil {
            var place: [UInt64: Int] = [:]
            for index in 0..<eve.count {
                if let number = eve.sequence(at: index), place[number] == nil { place[number] = index }
            }
            var known = 0
            return indices.map { index in
                if let number = reference.sequence(at: index), let match = place[number] { known = match }
                return known
            }
        }
        if eve.time(at: 0) != nil, reference.time(at: 0) != nil {
            let times = (0..<eve.count).map { (eve.time(at: $0) ?? 0, $0) }.sorted { $0.0 < $1.0 }
            var next = 0
            let order = indices.indices.sorted {
                (reference.time(at: indices[$0]) ?? 0) < (reference.time(at: indices[$1]) ?? 0)
            }
            var result = [Int](repeating: 0, count: indices.count)
            for place in order {
                let time = reference.time(at: indices[place]) ?? 0
                while next + 1 < times.count, abs(times[next + 1].0 - time) <= abs(times[next].0 - time) {
                    next += 1
                }
                result[place] = times[next].1
            }
            return result
        }
        return indices.map { min($0, last) }
    }
}
