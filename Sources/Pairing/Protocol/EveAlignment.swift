// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Quantization

/// An eavesdropper's capture, brought to the pairs of an exchange: the laboratory's measurement of what she knew.
enum EveAlignment {
    /// What she recorded nearest to each of the initiator's probes: by sequence number where both have them, else by
    /// time, else by row. Where she recorded nothing the last known value stands.
    ///
    /// - Parameter initiator: the initiator's published list, so that both ends of a replay come to the same.
    static func features(
        of eve: ChannelTrace, initiator: ProbeList, at indices: [Int]
    ) throws(QWaveError) -> EveFeatures {
        guard eve.count > 0 else {
            throw QWaveError(.badInput, "the eavesdropper's capture holds no snapshot")
        }
        return try EveFeatures(of: eve, at: match(eve, initiator, indices))
    }

    private static func match(_ eve: ChannelTrace, _ initiator: ProbeList, _ indices: [Int]) -> [Int] {
        switch initiator {
        case .sequences(let numbers) where eve.sequence(at: 0) != nil:
            var place: [UInt64: Int] = [:]
            for index in 0..<eve.count {
                if let number = eve.sequence(at: index), place[number] == nil { place[number] = index }
            }
            var known = 0
            return indices.map { index in
                if let match = place[numbers[index]] { known = match }
                return known
            }
        case .times(let times) where eve.time(at: 0) != nil:
            return nearest(eve, indices.map { times[$0] })
        default:
            return indices.map { min($0, eve.count - 1) }
        }
    }

    private static func nearest(_ eve: ChannelTrace, _ wanted: [Double]) -> [Int] {
        let hers = (0..<eve.count).compactMap { index in eve.time(at: index).map { ($0, index) } }
            .sorted { $0.0 < $1.0 }
        var next = 0
        var result = [Int](repeating: 0, count: wanted.count)
        for place in wanted.indices.sorted(by: { wanted[$0] < wanted[$1] }) {
            let time = wanted[place]
            while next + 1 < hers.count, abs(hers[next + 1].0 - time) <= abs(hers[next].0 - time) {
                next += 1
            }
            result[place] = hers[next].1
        }
        return result
    }
}
