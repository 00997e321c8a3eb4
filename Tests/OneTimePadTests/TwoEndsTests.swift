// SPDX-License-Identifier: GPL-3.0-or-later
import FaultStorage
import QWaveCore
import TestSupport
import Testing

@testable import OneTimePad

/// Two ends, a link that loses and delays, and machines that lose power in the middle of anything.
struct World {
    enum Straggler {
        /// Upon the peer's COMMIT, late.
        case commit(UInt64, to: Party.Role)
        /// The exchange's end, late: the block is written only now.
        case pending(UInt64, UInt64, at: Party.Role)
    }

    var random: SplitMix64
    var disks: [Party.Role: FaultStorage] = [:]
    var stores: [Party.Role: PadStore] = [:]
    var next: UInt64 = 0
    var stragglers: [Straggler] = []
    /// The judge's own map: what anybody ever saw at an offset, and which sender's bytes are spent.
    var seen: [Direction: [UInt64: UInt8]] = [.initiatorToResponder: [:], .responderToInitiator: [:]]
    var spent: [Direction: Set<UInt64>] = [.initiatorToResponder: [], .responderToInitiator: []]
    var sequences: [Party.Role: Set<UInt64>] = [.initiator: [], .responder: []]
    var openings: [[UInt8]: Int] = [:]
    var messages: [(Party.Role, [UInt8], [UInt8])] = []
    var complaints: [String] = []
    var crashes = 0

    init(seed: UInt64) throws {
        random = SplitMix64(seed: seed)
        for role in [Party.Role.initiator, .responder] {
            disks[role] = try Pair.storage(role)
            stores[role] = try PadStore(storage: disks[role]!)
        }
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    /// Runs one call at one end, perhaps with a power loss inside. - Returns: whether it came to its end.
    mutating func attempt(_ role: Party.Role, _ body: (PadStore, inout World) throws -> Void) -> Bool {
        let store = stores[role]!
        let dies = chance(12)
        if dies { disks[role]!.plan(stopAfter: Int.random(in: 0..<14, using: &random)) }
        var succeeded = true
        do {
            try body(store, &self)
        } catch let error as QWaveError where error.code == .protocolViolation || error.code == .refused {
            succeeded = false
        } catch let error as QWaveError where error.code == .storage && dies {
            succeeded = false
        } catch {
            succeeded = false
            complaints.append("\(role): \(error)")
        }
        if dies { crash(role) }
        return succeeded
    }

    mutating func crash(_ role: Party.Role) {
        crashes += 1
        disks[role] = disks[role]!.crashed(
            chance(30) ? .process : chance(30) ? .unflushed : .random(random.next()))
        do { stores[role] = try PadStore(storage: disks[role]!) } catch {
            complaints.append("\(role) opens: \(error)")
        }
    }

    mutating func see(_ direction: Direction, _ offset: UInt64, _ byte: UInt8) {
        if let old = seen[direction]![offset], old != byte {
            complaints.append("the pads differ at \(offset)")
        }
        seen[direction]![offset] = byte
    }

    mutating func use(_ role: Party.Role, _ count: Int) {
        _ = attempt(role) { store, world in
            let segment = try store.reserve(count)
            let offset = segment.offset
            var bytes = [UInt8](repeating: 0, count: count)
            var span = bytes.mutableSpan
            try segment.xor(into: &span)
            for (index, byte) in bytes.enumerated() {
                world.spend(role.sending, offset + UInt64(index), byte)
            }
        }
    }

    mutating func spend(_ direction: Direction, _ offset: UInt64, _ byte: UInt8) {
        if !spent[direction]!.insert(offset).inserted {
            complaints.append("byte \(offset) of \(direction) used twice")
        }
        see(direction, offset, byte)
    }

    mutating func add(_ role: Party.Role, _ number: UInt64, _ sequence: UInt64) -> Bool {
        attempt(role) { store, _ in
            try store.addPending(
                .test(number), sequence: sequence,
                key: seededKey(bytes: 64 * Int(1 + number % 5), seed: number),
                epsilon: 0x1p-50, assurance: "model")
        }
    }

    mutating func commit(_ role: Party.Role, _ number: UInt64) {
        _ = attempt(role) { store, _ in try store.markUsable(.test(number)) }
    }

    mutating func exchange() {
        let number = next
        next += 1
        var sequence: UInt64?
        _ = attempt(.initiator) { store, _ in sequence = try store.nextSequence() }
        guard let sequence else { return }
        for role in [Party.Role.initiator, .responder] {
            if chance(15) {
                stragglers.append(.pending(number, sequence, at: role))
            } else if chance(92), add(role, number, sequence) {
                if chance(75) {
                    stragglers.insert(.commit(number, to: role.other), at: 0)
                } else if chance(50) {
                    stragglers.append(.commit(number, to: role.other))
                }
            }
        }
        // Most COMMITs arrive in time: after both ends wrote.
        while case .commit(let number, let role)? = stragglers.first, chance(85) {
            stragglers.removeFirst()
            commit(role, number)
        }
    }

    mutating func straggle() {
        guard !stragglers.isEmpty else { return }
        switch stragglers.remove(at: Int.random(in: 0..<stragglers.count, using: &random)) {
        case .commit(let number, let role): commit(role, number)
        case .pending(let number, let sequence, let role):
            if add(role, number, sequence), chance(70) { stragglers.append(.commit(number, to: role.other)) }
        }
    }

    mutating func reconcile(_ asking: Party.Role) {
        var asked: [ExchangeID] = []
        var answers: [ExchangeState] = []
        guard attempt(asking, { store, _ in asked = try store.uncertain().map(\.id) }),
            attempt(asking.other, { store, _ in answers = try store.answer(asked) }), !chance(15)
        else { return }
        let table = Dictionary(uniqueKeysWithValues: zip(asked, answers))
        _ = attempt(asking) { store, _ in try store.reconcile(table) }
    }

    mutating func wrap(_ role: Party.Role) {
        let plain = seededBytes(Int.random(in: 0..<60, using: &random), seed: random.next())
        _ = attempt(role) { store, world in
            let wrapped = try Wrapper(store, bodyLimit: 64).wrap(plain)
            world.messages.append((role.other, plain, wrapped))
            var rest = wrapped[...]
            while let header = try? FrameHeader(Array(rest.prefix(36))) {
                if !world.sequences[role]!.insert(header.sequence).inserted {
                    world.complaints.append("sequence \(header.sequence) of the \(role) used twice")
                }
                let count = UInt64(16 + header.bodyLength - 12)
                for offset in header.padOffset..<header.padOffset + count
                where !world.spent[role.sending]!.insert(offset).inserted {
                    world.complaints.append("byte \(offset) of \(role.sending) used twice, by a message")
                }
                rest = rest.dropFirst(52 + header.bodyLength)
            }
        }
    }

    mutating func unwrap() {
        guard let (role, plain, wrapped) = messages.randomElement(using: &random) else { return }
        _ = attempt(role) { store, world in
            let opened: [UInt8]
            do throws(QWaveError) { opened = try Opener(store).unwrap(wrapped) } catch {
                if error.code == .notAuthenticated { return }
                throw error
            }
            if opened != plain { world.complaints.append("a message came out wrong") }
            world.openings[wrapped, default: 0] += 1
            if world.openings[wrapped]! > 1 { world.complaints.append("a message was opened twice") }
        }
    }

    mutating func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<30: exchange()
        case ..<40: straggle()
        case ..<55: reconcile(chance(50) ? .initiator : .responder)
        case ..<70: use(chance(50) ? .initiator : .responder, Int.random(in: 1..<50, using: &random))
        case ..<80: wrap(chance(50) ? .initiator : .responder)
        case ..<92: unwrap()
        case ..<96: crash(chance(50) ? .initiator : .responder)
        default:
            let role: Party.Role = chance(50) ? .initiator : .responder
            if attempt(role, { store, _ in try store.close() }) || chance(50) {
                crash(role)
            } else {
                crash(role)
            }
        }
    }

    /// Peace: both ends reconcile, then everything that is left is used and compared.
    mutating func finish() throws {
        for asking in [Party.Role.initiator, .responder] {
            let asked = try stores[asking]!.uncertain().map(\.id)
            let answers = try stores[asking.other]!.answer(asked)
            try stores[asking]!.reconcile(Dictionary(uniqueKeysWithValues: zip(asked, answers)))
        }
        let tables = try stores.mapValues { store in
            try store.withState { (state: inout PadState) in state.table }
        }
        let orders = tables.mapValues { table in table.placed.map { table.blocks[$0].id } }
        if orders[.initiator] != orders[.responder] { complaints.append("the ends placed different blocks") }
        for role in [Party.Role.initiator, .responder] {
            let store = stores[role]!
            if !(try store.uncertain().isEmpty) { complaints.append("\(role) is still uncertain") }
            if !balance(try store.status()) { complaints.append("the books of the \(role) don't balance") }
            while try store.spendable() >= 8 {
                let segment = try store.reserve(8)
                let offset = segment.offset
                var bytes = [UInt8](repeating: 0, count: 8)
                var span = bytes.mutableSpan
                try segment.xor(into: &span)
                for (index, byte) in bytes.enumerated() { spend(role.sending, offset + UInt64(index), byte) }
            }
        }
        for role in [Party.Role.initiator, .responder] {
            let direction = role.sending.reversed
            try stores[role]!.withState { (state: inout PadState) throws(QWaveError) in
                let from = state.journal.record[.padIn].usedTo
                let bytes = try state.read(.padIn, from..<state.generated(.padIn))
                let seen = seen[direction]!
                let differs = bytes.withBytes { bytes in
                    (0..<bytes.count).contains {
                        seen[from + UInt64($0)].map { [own = bytes[$0]] in $0 != own } ?? false
                    }
                }
                if differs {
                    throw QWaveError(
                        .internalFault, "what the \(role) would accept differs from what was sent")
                }
            }
        }
    }
}

@Suite struct TwoEndsTests {
    @Test(arguments: (0..<40).map { UInt64($0) } + [UInt64.random(in: 1000 ... .max)])
    func `two pads through commits, losses, crashes and reconciliations agree on every byte`(seed: UInt64)
        throws
    {
        var world = try World(seed: seed)
        for _ in 0..<150 { world.step() }
        try world.finish()
        #expect(world.complaints == [], "seed \(seed)")
        #expect(world.crashes > 3 && world.spent.values.allSatisfy { $0.count > 20 }, "seed \(seed)")
    }
}
