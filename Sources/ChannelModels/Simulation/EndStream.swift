// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// One end's snapshots, made one at a time: what a live simulation pulls from.
///
/// Alice's and Bob's snapshots have one receive and one transmit antenna. Eve's have two "transmit antennas":
/// the first is what she hears of Alice's probe (correlated with Bob's channel), the second what she hears of
/// Bob's; a receive antenna for each of hers, and behind them one for each thing that she knows of a fixture
/// exactly. The truth has two as well: the channel when Alice receives, and when Bob does.
///
/// ```swift
/// var alice = simulator.stream(.alice)
/// while let snapshot = alice.next() { use(snapshot) }
/// ```
public struct EndStream: Sequence, IteratorProtocol, Sendable {
    public let end: SimulatedEnd
    private let world: World
    /// One an antenna.
    private let receivers: [Receiver]
    private let senders: [SimulatedEnd]
    private let filters: [[Complex]?]
    /// The ends' own receivers, for an Eve who is Bob.
    private let stolen: [Receiver]
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
        let antennas = end == .eve ? parameters.eve.antennas : 1
        receivers = (0..<antennas).map {
            Receiver(parameters, end: end, tones: world.tones, antenna: $0)
        }
        stolen =
            end == .eve && world.fixtures.eveIsBob
            ? [.bob, .alice].map { Receiver(parameters, end: $0, tones: world.tones) } : []
        senders = Self.senders(to: end)
        filters =
            end == .eve && world.fixtures.eveIsBob
            ? Self.filters(world, end: .bob) + Self.filters(world, end: .alice)
            : Self.filters(world, end: end)
        let seed = parameters.seed(end)
        loss = LossProcess(parameters.impairments, SubStream(seed: seed, .loss, index: end.index))
        order = SubStream(seed: seed, .reordering, index: end.index)
        duplication = SubStream(seed: seed, .duplication, index: end.index)
        limit = parameters.probes ?? .max
    }

    private static func senders(to end: SimulatedEnd) -> [SimulatedEnd] {
        switch end {
        case .alice: [.bob]
        case .bob: [.alice]
        case .eve, .truth: [.alice, .bob]
        }
    }

    /// R·T of each reception of a pair.
    private static func filters(_ world: World, end: SimulatedEnd) -> [[Complex]?] {
        let senders = senders(to: end)
        guard world.parameters.impairments.hardwareFilters, end != .truth else {
            return senders.map { _ in nil }
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
        defer { if end != .eve, let old = replayed(behind: n) { ready.append(old) } }
        if held == nil, order.uniform(n) < impairments.reorderProbability {
            held = snapshot
            return
        }
        ready.append(snapshot)
        if duplication.uniform(n) < impairments.duplicateProbability { ready.append(snapshot) }
        if let late = held { ready.append(late) }
        held = nil
    }

    private func reception(_ n: Int, time: Double, stream: Int, number: Int) -> Receiver.Reception {
        let sender = senders[stream]
        return Receiver.Reception(
            number: number, time: time,
            oscillatorError: world.oscillatorError(of: sender, at: end), filter: filters[stream],
            jamming: end == .eve ? 0 : world.fixtures.jamming(n))
    }

    private func measure(_ n: Int) -> Snapshot {
        let times = world.times(of: n)
        var gains: [IQ] = []
        var shape = SnapshotShape(transmitAntennas: senders.count, subcarriers: world.tones.count)
        var time: Double
        switch end {
        case .alice, .bob:
            time = end == .alice ? times.alice : times.bob
            receivers[0].measure(
                world.reception(atAlice: end == .alice, pair: n, time: time),
                reception(n, time: time, stream: 0, number: n), into: &gains)
            time = receivers[0].stamp(time, reception: n)
        case .eve:
            time = receivers[0].stamp(Swift.min(times.alice, times.bob), reception: n)
            shape.receiveAntennas = overhear(n, times, into: &gains)
        case .truth:
            time = Swift.min(times.alice, times.bob)
            gains += world.response(at: times.alice).map(\.iq)
            gains += world.response(at: times.bob).map(\.iq)
        }
        return Snapshot(sequence: UInt64(n), time: time, shape: shape, gains: gains)
    }

    /// What Eve gets of a pair, antenna after antenna; returns how many there are.
    private func overhear(_ n: Int, _ times: (alice: Double, bob: Double), into gains: inout [IQ]) -> Int {
        guard stolen.isEmpty else {
            for (index, receiver) in stolen.enumerated() {
                let time = index == 0 ? times.bob : times.alice
                let (victim, sender) = index == 0 ? (SimulatedEnd.bob, SimulatedEnd.alice) : (.alice, .bob)
                receiver.measure(
                    world.reception(atAlice: index == 1, pair: n, time: time),
                    Receiver.Reception(
                        number: n, time: time,
                        oscillatorError: world.oscillatorError(of: sender, at: victim),
                        filter: filters[index], jamming: world.fixtures.jamming(n)), into: &gains)
            }
            return 1
        }
        let ofAlice = world.eveResponses(ofAlice: true, at: times.bob)
        let ofBob = world.eveResponses(ofAlice: false, at: times.alice)
        for (antenna, receiver) in receivers.enumerated() {
            receiver.measure(
                ofAlice[antenna], reception(n, time: times.bob, stream: 0, number: 2 &* n), into: &gains)
            receiver.measure(
                ofBob[antenna], reception(n, time: times.alice, stream: 1, number: 2 &* n &+ 1),
                into: &gains)
        }
        for known in world.fixtures.knowledge(n, times: times, matrix: world.matrix, channel: world.channel) {
            gains += known.ofAlice.map(\.iq)
            gains += known.ofBob.map(\.iq)
        }
        return receivers.count + world.fixtures.knowledgeCount
    }

    /// A recorded probe under its old number, handed over behind pair `n`'s genuine one.
    private func replayed(behind n: Int) -> Snapshot? {
        guard let number = world.fixtures.oldNumber(behind: n) else { return nil }
        let times = world.times(of: n)
        let time = end == .alice ? times.alice : times.bob
        var gains: [IQ] = []
        // Numbers behind those of all genuine probes keep its noise apart from theirs.
        receivers[0].measure(
            world.replayed(atAlice: end == .alice, time: time),
            reception(n, time: time, stream: 0, number: n &+ 1 << 40), into: &gains)
        return Snapshot(
            sequence: UInt64(number), time: receivers[0].stamp(time, reception: n),
            shape: SnapshotShape(subcarriers: world.tones.count), gains: gains)
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
