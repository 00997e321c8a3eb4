// SPDX-License-Identifier: GPL-3.0-or-later
import FaultStorage
import QWaveCore
import Synchronization
import TestSupport
import Testing

@testable import OneTimePad

/// What one end was told, kept apart from the store: the judge of every crash.
struct Witness {
    /// Pad bytes that were handed out, by offset.
    var given: [UInt64: UInt8] = [:]
    var masks: [UInt64: UInt8] = [:]
    var states: [UInt64: ExchangeState] = [:]
    /// Messages of the peer that were opened, and the offset below which its masks were accepted.
    var opened: [[UInt8]] = []
    var maskMark: UInt64 = 0
    /// What was wrong, in words.
    var complaints: [String] = []

    mutating func reserve(_ count: Int, _ store: PadStore) throws {
        let segment = try store.reserve(count)
        let offset = segment.offset
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        try segment.xor(into: &span)
        for (index, byte) in bytes.enumerated() { give(offset + UInt64(index), byte) }
    }

    mutating func give(_ offset: UInt64, _ byte: UInt8) {
        if given.updateValue(byte, forKey: offset) != nil {
            complaints.append("pad byte \(offset) was given twice")
        }
    }

    mutating func mask(_ store: PadStore) throws {
        let offset = try store.reserveMask(store.role.sending, count: 16)
        let mask = try store.mask(store.role.sending, at: offset, count: 16)
        mask.withBytes { bytes in
            for index in 0..<16 where masks.updateValue(bytes[index], forKey: offset + UInt64(index)) != nil {
                complaints.append("mask byte \(offset + UInt64(index)) was given twice")
            }
        }
    }
}

/// The books add up, by the sums of this test.
func balance(_ status: PadStatus) -> Bool {
    [status.outgoing, status.incoming, status.enrolledOutgoing, status.enrolledIncoming].allSatisfy {
        $0.generated == $0.used + $0.burnt + $0.reserved + $0.free
    }
}

@Suite struct CrashTests {
    /// What both ends' pads must hold in the direction from initiator to responder, block after block.
    static func expected(_ blocks: [(UInt64, Int)]) -> [UInt8] {
        blocks.flatMap { number, bytes in
            var half: [UInt8] = []
            seededKey(bytes: 2 * bytes, seed: number).withBytes { all in
                for index in 0..<bytes { half.append(all[index]) }
            }
            return half
        }
    }

    static let blocks: [(UInt64, Int)] = [(0, 1024), (1, 512), (3, 512)]

    /// The peer's messages, made before.
    static func messages() throws -> [[UInt8]] {
        let pair = try Pair()
        for (number, bytes) in blocks { try pair.add(number, bytes: bytes) }
        return try (0..<4).map { try Wrapper(pair.bob).wrap(seededBytes(40, seed: UInt64($0))) }
    }

    /// A life of the initiator's pad, every promise of which is written down as soon as it is made.
    ///
    /// - Parameter pause: called after each promise.
    static func live(
        _ storage: FaultStorage, _ messages: [[UInt8]], _ witness: inout Witness,
        pause: (Witness) -> Void = { _ in }
    ) throws {
        func add(_ store: PadStore, _ number: UInt64, _ bytes: Int) throws {
            try store.addPending(
                .test(number), sequence: number, key: seededKey(bytes: 2 * bytes, seed: number),
                epsilon: 0x1p-40,
                assurance: "model")
            witness.states[number] = .pending
            pause(witness)
        }
        func decide(_ store: PadStore, _ number: UInt64, usable: Bool) throws {
            if usable { try store.markUsable(.test(number)) } else { try store.burn(.test(number)) }
            witness.states[number] = usable ? .usable : .burnt
            pause(witness)
        }
        func reserve(_ count: Int, _ store: PadStore) throws {
            try witness.reserve(count, store)
            pause(witness)
        }
        func mask(_ store: PadStore) throws {
            try witness.mask(store)
            pause(witness)
        }
        func open(_ store: PadStore, _ index: Int) throws {
            guard try Opener(store).unwrap(messages[index]) == seededBytes(40, seed: UInt64(index)) else {
                witness.complaints.append("message \(index) came out wrong")
                return
            }
            witness.opened.append(messages[index])
            pause(witness)
        }
        var store = try PadStore(storage: storage, policy: .hurried)
        try add(store, 0, 1024)
        try decide(store, 0, usable: true)
        try reserve(100, store)
        try mask(store)
        try reserve(3, store)
        try add(store, 1, 512)
        try open(store, 0)
        try add(store, 2, 256)
        try reserve(40, store)
        try decide(store, 1, usable: true)
        try open(store, 2)
        try decide(store, 2, usable: false)
        try reserve(900, store)
        try store.accept(.responderToInitiator, upTo: 48)
        witness.maskMark = 48
        pause(witness)
        try mask(store)
        try store.close()
        store = try PadStore(storage: storage, policy: .hurried)
        try reserve(16, store)
        try mask(store)
        try add(store, 3, 512)
        _ = try store.answer([.test(3), .test(9)])
        witness.states[9] = .burnt
        try decide(store, 3, usable: true)
        try reserve(250, store)
        try open(store, 3)
        try store.close()
    }

    /// Opens what a crash left and holds it against the witness.
    static func judge(_ storage: FaultStorage, _ messages: [[UInt8]], _ before: Witness) -> [String] {
        var witness = before
        do {
            let store = try PadStore(storage: storage, policy: .hurried)
            if !balance(try store.status()) { witness.complaints.append("the books don't balance") }
            for (number, state) in witness.states {
                let now = try store.knows(.test(number))
                let isKept = state == now || (state == .pending && now != .unknown)
                if !isKept { witness.complaints.append("exchange \(number) was \(state) and is \(now)") }
            }
            for message in witness.opened
            where code({ _ = try Opener(store).unwrap(message) }) != .notAuthenticated {
                witness.complaints.append("a message was opened twice")
            }
            if witness.maskMark > 0 {
                let old = code {
                    _ = try store.mask(.responderToInitiator, at: witness.maskMark - 16, count: 16)
                }
                if old != .notAuthenticated { witness.complaints.append("an accepted mask was given again") }
            }
            // Later blocks come in, and everything that is left is used.
            for (number, bytes) in blocks {
                if try store.knows(.test(number)) == .unknown {
                    try store.addPending(
                        .test(number), sequence: number, key: seededKey(bytes: 2 * bytes, seed: number),
                        epsilon: 0x1p-40, assurance: "model")
                }
                try store.markUsable(.test(number))
            }
            if try store.knows(.test(2)) != .unknown { try store.burn(.test(2)) }
            while try store.spendable() > 0 { try witness.reserve(min(100, store.spendable()), store) }
            while store.remaining(.initiatorToResponder) >= 16 { try witness.mask(store) }
            let status = try store.status()
            if !balance(status) { witness.complaints.append("the books don't balance at the end") }
            if status.outgoing.generated != 2048 {
                witness.complaints.append("\(status.outgoing.generated) generated")
            }
            try store.close()
        } catch {
            witness.complaints.append("\(error)")
        }
        let stream = expected(blocks)
        for (offset, byte) in witness.given where stream[Int(offset)] != byte {
            witness.complaints.append("pad byte \(offset) is wrong")
        }
        let masks = Array(seededBytes(2048, seed: 1)[32..<1040])
        for (offset, byte) in witness.masks where masks[Int(offset)] != byte {
            witness.complaints.append("mask byte \(offset) is wrong")
        }
        return witness.complaints
    }

    @Test func `a power loss at any step gives no byte twice and breaks no promise`() throws {
        let messages = try Self.messages()
        let calm = try Pair.storage(.initiator)
        calm.plan()
        var witness = Witness()
        try Self.live(calm, messages, &witness)
        let steps = calm.steps
        #expect(steps > 100 && witness.complaints.isEmpty && witness.opened.count == 3)
        #expect(Self.judge(calm, messages, witness) == [])
        for step in 0..<steps {
            var witness = Witness()
            let storage = try Pair.storage(.initiator)
            storage.plan(stopAfter: step)
            #expect(throws: (any Error).self) { try Self.live(storage, messages, &witness) }
            let losses: [FaultStorage.Loss] =
                [.nothing, .process, .unflushed] + (0..<4).map { .random(UInt64(step * 4 + $0)) }
            for loss in losses {
                let complaints = Self.judge(storage.crashed(loss), messages, witness)
                #expect(complaints == [], "step \(step), \(loss)")
            }
        }
    }

    @Test func `a second power loss while the first is mended breaks nothing either`() throws {
        let messages = try Self.messages()
        var random = SplitMix64(seed: 11)
        for round in 0..<150 {
            var witness = Witness()
            let storage = try Pair.storage(.initiator)
            storage.plan(stopAfter: Int.random(in: 5..<150, using: &random))
            try? Self.live(storage, messages, &witness)
            var disk = storage
            for _ in 0..<3 {
                disk = disk.crashed(Bool.random(using: &random) ? .process : .random(random.next()))
                disk.plan(stopAfter: Int.random(in: 0..<12, using: &random))
                guard let store = try? PadStore(storage: disk, policy: .hurried) else { continue }
                try? witness.reserve(20, store)
                try? witness.mask(store)
            }
            #expect(
                Self.judge(disk.crashed(.random(random.next())), messages, witness) == [], "round \(round)")
        }
    }

    @Test func `a disk that fails at any step stops the store, and opening it again breaks nothing`() throws {
        let messages = try Self.messages()
        let calm = try Pair.storage(.initiator)
        calm.plan()
        var quiet = Witness()
        try Self.live(calm, messages, &quiet)
        for step in 1...calm.steps {
            var witness = Witness()
            let storage = try Pair.storage(.initiator)
            storage.plan(failAt: step)
            #expect(code { try Self.live(storage, messages, &witness) } == .storage)
            storage.plan()
            #expect(Self.judge(storage, messages, witness) == [], "step \(step)")
        }
    }

    @Test func `the judge notices a disk that doesn't flush`() throws {
        let messages = try Self.messages()
        let storage = try Pair.storage(.initiator)
        storage.skipSyncs()
        var witness = Witness()
        try Self.live(storage, messages, &witness)
        #expect(Self.judge(storage.crashed(.unflushed), messages, witness) != [])
    }

    @Test func `after a storage failure nothing works until the pad is opened again`() throws {
        let pair = try Pair()
        try pair.add(0, bytes: 1024)
        pair.disks[.initiator]!.plan(failAt: 2)
        #expect(code { _ = try pair.alice.reserve(64).count } == .storage)
        #expect(code { _ = try pair.alice.reserve(64).count } == .storage)
        #expect(code { _ = try pair.alice.status() } == .storage)
    }

    @Test func `either slot of the journal may rot after any promise without turning the marks back`() throws
    {
        let messages = try Self.messages()
        let storage = try Pair.storage(.initiator)
        var witness = Witness()
        var judged = 0
        try Self.live(storage, messages, &witness) { witness in
            for slot in 0..<2 {
                let disk = storage.crashed(.process)
                disk.damage(Journal.name) { $0[slot * Journal.stride + 77] ^= 0x10 }
                #expect(
                    Self.judge(disk, messages, witness) == [], "after promise \(judged / 2), slot \(slot)")
                judged += 1
            }
        }
        #expect(judged > 30)
    }

    @Test func `a kill, an opening and a power loss in a row lose nothing that was promised`() throws {
        let messages = try Self.messages()
        let calm = try Pair.storage(.initiator)
        calm.plan()
        var quiet = Witness()
        try Self.live(calm, messages, &quiet)
        for step in 0..<calm.steps {
            var witness = Witness()
            let storage = try Pair.storage(.initiator)
            storage.plan(stopAfter: step)
            try? Self.live(storage, messages, &witness)
            let killed = storage.crashed(.process)
            do { try witness.reserve(1, PadStore(storage: killed, policy: .hurried)) } catch let error
                as QWaveError
            {
                #expect(error.code == .refused, "step \(step): \(error)")
            }
            #expect(Self.judge(killed.crashed(.unflushed), messages, witness) == [], "step \(step)")
        }
    }

    @Test func `without a whole slot, or with a damaged index, the pad isn't opened`() throws {
        var pair = try Pair()
        try pair.add(0, bytes: 1024)
        try pair.add(1, bytes: 1024)
        try pair.alice.close()
        try pair.bob.close()
        pair.disks[.initiator]!.damage(Journal.name) {
            $0[40] ^= 1
            $0[4096 + 41] ^= 1
        }
        #expect(code { try pair.reopenFailing(.initiator) } == .storage)
        let index = pair.disks[.responder]!.contents(BlockIndex.name)!
        for position in stride(from: 0, to: index.count, by: 7) {
            let disk = pair.disks[.responder]!.crashed(.nothing)
            disk.damage(BlockIndex.name) { $0[position] ^= 0x40 }
            #expect(
                code { _ = try PadStore(storage: disk, policy: .hurried) } == .storage, "byte \(position)")
        }
        pair.disks[.responder]!.damage(BlockIndex.name) { $0.removeLast() }
        #expect(code { try pair.reopenFailing(.responder) } == .storage)
    }

    @Test func `key bytes never stand in the journal or the index, and used ones nowhere`() throws {
        let pair = try Pair()
        pair.disks[.initiator]!.disk.withLock { $0.keepsWrites = true }
        try pair.add(0, bytes: 8192)
        var witness = Witness()
        try witness.reserve(5000, pair.alice)
        try pair.alice.close()
        let disk = pair.disks[.initiator]!
        let name = "\(ExchangeID.test(0))-0-0.pad"
        let file = try #require(disk.contents(name))
        #expect(file[..<5000].allSatisfy { $0 == 0 } && !file[5000...].allSatisfy { $0 == 0 })
        // Any 8 bytes in a row, other than zeros, betray a key.
        let key = Self.expected([(0, 8192)])
        let windows = Set((0...key.count - 8).map { Array(key[$0..<$0 + 8]) })
        for (name, writes) in disk.disk.withLock({ $0.written })
        where !name.hasSuffix(Block.suffix) && name != PadState.secretName {
            for write in writes where write.count >= 8 {
                let betrays = (0...write.count - 8).contains { windows.contains(Array(write[$0..<$0 + 8])) }
                #expect(!betrays, "\(name)")
            }
        }
    }
}

extension Pair {
    mutating func reopenFailing(_ role: Party.Role) throws {
        _ = try PadStore(storage: disks[role]!)
    }
}
