// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// What one end says of the probes that it received, so that both agree on pairs: indices only, no gain.
public enum ProbeList: Sendable, Hashable {
    /// Sequence numbers in order of reception.
    case sequences([UInt64])
    /// Times of reception in seconds, on the end's own clock.
    case times([Double])
    /// Nothing but a count: pairs are rows.
    case rows(Int)

    /// What a trace offers: sequence numbers where every snapshot has one and they rise, else times, else rows.
    public init(_ trace: ChannelTrace) {
        let sequences = (0..<trace.count).compactMap { trace.sequence(at: $0) }
        let times = (0..<trace.count).compactMap { trace.time(at: $0) }
        if sequences.count == trace.count, Set(sequences).count * 2 > trace.count {
            self = .sequences(sequences)
        } else if times.count == trace.count {
            self = .times(times)
        } else {
            self = .rows(trace.count)
        }
    }

    public var count: Int {
        switch self {
        case .sequences(let list): list.count
        case .times(let list): list.count
        case .rows(let count): count
        }
    }
}

/// The pairs of probes that both ends keep: for each pair the initiator's and the responder's snapshot index.
///
/// Pairing uses sequence numbers where both ends have them; a number that an end saw twice counts once, the
/// first time. Without numbers, times are matched to the nearest within half the median interval; without
/// times, rows. Unpaired probes are dropped; the list is public and holds indices only.
public struct PairList: Sendable, Hashable {
    public enum Basis: String, Sendable, Codable { case sequence, time, row }

    public let basis: Basis
    public let initiator: [Int]
    public let responder: [Int]

    public var count: Int { initiator.count }

    /// Matches the two lists.
    ///
    /// Throws `.refused` where nothing matches.
    public init(initiator a: ProbeList, responder b: ProbeList) throws(QWaveError) {
        switch (a, b) {
        case (.sequences(let left), .sequences(let right)):
            self = Self.matching(left, right)
        case (.times(let left), .times(let right)):
            self = Self.nearest(left, right)
        default:
            let count = min(a.count, b.count)
            guard a.count == b.count else {
                throw QWaveError(
                    .refused,
                    "the captures can't be paired: \(a.count) and \(b.count) probes and neither common sequence "
                        + "numbers nor times; record sequence numbers at both ends")
            }
            self.init(basis: .row, initiator: Array(0..<count), responder: Array(0..<count))
        }
        guard count > 0 else {
            throw QWaveError(
                .refused,
                "no probe of the two captures matches by \(basis.rawValue): are they from the same run?")
        }
    }

    /// Rows before which a probe is missing: the initiator's numbers jump, or her times by more than half an interval.
    /// Pairs by row have no gaps that anybody could know of.
    public func breaks(in probes: ProbeList) -> [Int] {
        switch probes {
        case .sequences(let list):
            let numbers = initiator.map { list[$0] }
            return numbers.indices.dropFirst().filter { numbers[$0] != numbers[$0 - 1] &+ 1 }
        case .times(let list):
            let gaps = zip(initiator.dropFirst(), initiator).map { list[$0] - list[$1] }
            let median = gaps.sorted().dropFirst(gaps.count / 2).first ?? 0
            return gaps.indices.filter { abs(gaps[$0] - median) > 0.5 * median }.map { $0 + 1 }
        case .rows: return []
        }
    }

    private init(basis: Basis, initiator: [Int], responder: [Int]) {
        self.basis = basis
        self.initiator = initiator
        self.responder = responder
    }

    private static func matching(_ left: [UInt64], _ right: [UInt64]) -> PairList {
        var place: [UInt64: Int] = [:]
        place.reserveCapacity(right.count)
        for (index, number) in right.enumerated() where place[number] == nil { place[number] = index }
        var a: [Int] = []
        var b: [Int] = []
        var seen: Set<UInt64> = []
        for (index, number) in left.enumerated() where seen.insert(number).inserted {
            if let match = place[number] {
                a.append(index)
                b.append(match)
            }
        }
        // In the order of the numbers, so that reordering on the way doesn't matter.
        let order = a.indices.sorted { left[a[$0]] < left[a[$1]] }
        return PairList(basis: .sequence, initiator: order.map { a[$0] }, responder: order.map { b[$0] })
    }

    private static func nearest(_ left: [Double], _ right: [Double]) -> PairList {
        // Times come from the peer too: what isn't finite has no place in an order.
        let leftOrder = left.indices.filter { left[$0].isFinite }.sorted { left[$0] < left[$1] }
        let rightOrder = right.indices.filter { right[$0].isFinite }.sorted { right[$0] < right[$1] }
        guard leftOrder.count > 1, !rightOrder.isEmpty else {
            return PairList(basis: .time, initiator: [], responder: [])
        }
        let gaps = zip(leftOrder.dropFirst(), leftOrder).map { left[$0] - left[$1] }.sorted()
        let tolerance = max(gaps[gaps.count / 2] / 2, 1e-9)
        var a: [Int] = []
        var b: [Int] = []
        var next = 0
        for index in leftOrder {
            let time = left[index]
            // The last one before `time` is nearer than all before it, to later times too: each is passed once.
            while next + 1 < rightOrder.count, right[rightOrder[next + 1]] < time { next += 1 }
            var best: Int?
            for probe in next..<min(next + 2, rightOrder.count) {
                let distance = abs(right[rightOrder[probe]] - time)
                guard distance <= tolerance else { continue }
                if best.map({ distance < abs(right[rightOrder[$0]] - time) }) ?? true { best = probe }
            }
            if let best {
                a.append(index)
                b.append(rightOrder[best])
                next = best + 1
            }
        }
        return PairList(basis: .time, initiator: a, responder: b)
    }
}
