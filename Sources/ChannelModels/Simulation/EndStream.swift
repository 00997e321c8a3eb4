// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// One end's snapshots, made one at a time: what a live simulation pulls from.
///
/// Alice's and Bob's snapshots have one receive and one transmit antenna. Eve's have two "transmit antennas":
/// the first is what she hears of Alice's probe (correlated with Bob's channel), the second what she hears of
/// Bob's. The truth has two as well: the channel when Alice receives, and when Bob does.
///
/// ```swift
/// var alice = simulator.stream(.alice)
/// while let snapshot = alice.next() { use(snapshot) }
/// ```
public struct EndStream: Sequence, IteratorProtocol, Sendable {
    public let end: SimulatedEnd
    private let world: World
    private let receiver: Receiver
    private let filters: [[Complex]?]
    private let loss: LossProcess
    private let order: SubStream
    private let duplication: SubStream
    private let limit: Int
    private var index = 0
    private var losing = false
    private var held: Snapshot?
    private var ready: [Snapshot] = []

    init(_ world: World, end: SimulatedEnd) {
        self.end = end
        self.world = world
        let parameters = world.parameters
        receiver = Receiver(parameters, end: end, tones: world.tones)
        filters = Self.filters(world, end: end)
        let seed = parameters.seed(end)
        loss = LossProcess(parameters.impairments, SubStream(seed: seed, .loss, index: end.index))
        order = SubStream(seed: seed, .reordering, index: end.index)
        duplication = SubStream(seed: seed, .duplication, index: end.index)
        limit = parameters.probes ?? .max
    }

    /// R·T of each reception of a pair.
    private static func filters(_ world: World, end: SimulatedEnd) -> [[Complex]?] {
        guard world.parameters.impairments.hardwareFilters, end != .truth else { return [nil, nil] }
        let senders: [SimulatedEnd] =
            switch end {
            case .alice: [.bob]
            case .bob: [.alice]
            default: [.alice, .bob]
            }
        let receive = world.filters(of: end).receive
        return senders.map { sender in zip(world.filters(of: sender).transmit, receive).map { $0 * $1 } }
    }

    /// The next snapshot in the order of handing over; nil after the last.
    public mutating func next() -> Snapshot? {
        while ready.isEmpty {
            guard index < limit else {
                defer { held = nil }
                return held
            }
            advance()
        }
        return ready.removeFirst()
    }

    private mutating func advance() {
        let n = index
        index += 1
        if end == .alice || end == .bob {
            losing = loss.isLost(n, after: losing)
            if losing { return }
        }
        let snapshot = measure(n)
        guard end != .truth else {
            ready.append(snapshot)
            return
        }
        let impairments = world.parameters.impairments
        if held == nil, order.uniform(n) < impairments.reorderProbability {
            held = snapshot
            return
        }
        ready.append(snapshot)
        if duplication.uniform(n) < impairments.duplicateProbability { ready.append(snapshot) }
        if let late = held { ready.append(late) }
        held = nil
    }

    private func measure(_ n: Int) -> Snapshot {
        let times = world.times(of: n)
        var gains: [IQ] = []
        let streams = end == .alice || end == .bob ? 1 : 2
        gains.reserveCapacity(streams * world.tones.count)
        var time: Double
        switch end {
        case .alice, .bob:
            time = end == .alice ? times.alice : times.bob
            receiver.measure(world.response(at: time), filter: filters[0], reception: n, into: &gains)
            time = receiver.stamp(time, reception: n)
        case .eve:
            time = Swift.min(times.alice, times.bob)
            let ofAlice = world.eveResponse(ofAlice: true, at: times.bob)
            receiver.measure(ofAlice, filter: filters[0], reception: 2 &* n, into: &gains)
            let ofBob = world.eveResponse(ofAlice: false, at: times.alice)
            receiver.measure(ofBob, filter: filters[1], reception: 2 &* n &+ 1, into: &gains)
            time = receiver.stamp(time, reception: n)
        case .truth:
            time = Swift.min(times.alice, times.bob)
            gains += world.response(at: times.alice).map(\.iq)
            gains += world.response(at: times.bob).map(\.iq)
        }
        return Snapshot(
            sequence: UInt64(n), time: time,
            shape: SnapshotShape(transmitAntennas: streams, subcarriers: world.tones.count), gains: gains)
    }
}

/// Independent losses, or bursts of them by a chain of two states (Gilbert 1960).
struct LossProcess: Sendable {
    private let draw: SubStream
    /// Probability of a loss after a reception, and after a loss.
    private let probability: (afterReception: Double, afterLoss: Double)

    init(_ impairments: Impairments, _ draw: SubStream) {
        self.draw = draw
        let p = impairments.lossProbability
        let burst = impairments.lossBurst
        probability = burst > 1 ? (p / (burst * (1 - p)), 1 - 1 / burst) : (p, p)
    }

    func isLost(_ n: Int, after lost: Bool) -> Bool {
        draw.uniform(n) < (lost ? probability.afterLoss : probability.afterReception)
    }
}
