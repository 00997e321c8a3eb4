// SPDX-License-Identifier: GPL-3.0-or-later
import FaultStorage
import Foundation
import QWaveCore
import Synchronization
import TestSupport
import Testing

@testable import OneTimePad

/// An anchor in memory, which fails where a test wants it.
final class MemoryAnchor: RollbackAnchor {
    private struct State {
        var noted: [String: UInt64] = [:]
        var fails = false
    }
    private let state = Mutex(State())

    func generation(of pad: String) throws(QWaveError) -> UInt64? { state.withLock { $0.noted[pad] } }
    func advance(_ pad: String, to generation: UInt64) throws(QWaveError) {
        let fails = state.withLock { state in
            if !state.fails { state.noted[pad] = generation }
            return state.fails
        }
        if fails { throw QWaveError(.storage, "planted failure of the anchor") }
    }
    func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }
}

@Suite struct AnchorTests {
    private func pad(_ anchor: some RollbackAnchor) throws -> FaultStorage {
        let storage = FaultStorage()
        try PadStore.create(in: storage, Enrollment.test(.initiator), anchor: anchor)
        let store = try PadStore(storage: storage, anchor: anchor)
        try store.addPending(
            .test(0), sequence: 0, key: seededKey(bytes: 4096, seed: 0), epsilon: 0x1p-40, assurance: "model")
        try store.markUsable(.test(0))
        try store.close()
        return storage
    }

    @Test func `a pad that was restored from a backup of any moment is refused, and stays as it is`() throws {
        let anchor = MemoryAnchor()
        let storage = try pad(anchor)
        var backups: [FaultStorage] = []
        let store = try PadStore(storage: storage, anchor: anchor)
        for _ in 0..<6 {
            backups.append(storage.crashed(.process))
            // More than a reservation, so that every backup is behind.
            _ = try store.reserve(200).count
            _ = try store.reserveMask(.initiatorToResponder, count: 64)
        }
        try store.close()
        for backup in backups {
            let before = backup.contents(Journal.name)
            #expect(code { _ = try PadStore(storage: backup, anchor: anchor) } == .refused)
            #expect(backup.contents(Journal.name) == before)
        }
        _ = try PadStore(storage: storage, anchor: anchor).reserve(1).count
    }

    @Test func `of two copies only one goes on, whichever was used last`() throws {
        let anchor = MemoryAnchor()
        var copies = [try pad(anchor)]
        copies.append(copies[0].crashed(.nothing))
        // A crash, not a close: a journal that is ahead of its anchor is no older state.
        _ = try PadStore(storage: copies[1], anchor: anchor).reserve(10).count
        #expect(code { _ = try PadStore(storage: copies[0], anchor: anchor) } == .refused)
        _ = try PadStore(storage: copies[1].crashed(.unflushed), anchor: anchor).reserve(10).count
        #expect(code { _ = try PadStore(storage: copies[0], anchor: anchor) } == .refused)
    }

    @Test func `a power loss at any step is never taken for a restored backup`() throws {
        let messages = try CrashTests.messages()
        func live(_ storage: FaultStorage, _ anchor: MemoryAnchor) throws {
            let store = try PadStore(storage: storage, anchor: anchor)
            try store.addPending(
                .test(0), sequence: 0, key: seededKey(bytes: 2048, seed: 0), epsilon: 0x1p-40,
                assurance: "model")
            try store.markUsable(.test(0))
            _ = try store.reserve(100).count
            _ = try Opener(store).unwrap(messages[0])
            try store.close()
        }
        for step in 0..<200 {
            let anchor = MemoryAnchor()
            let storage = FaultStorage()
            try PadStore.create(in: storage, Enrollment.test(.initiator), anchor: anchor)
            storage.plan(stopAfter: step)
            let isOver = (try? live(storage, anchor)) != nil
            for loss in [FaultStorage.Loss.nothing, .unflushed, .random(UInt64(step))] {
                _ = try PadStore(storage: storage.crashed(loss), anchor: Frozen(anchor)).status()
            }
            if isOver { return }
        }
        Issue.record("the life of the pad took more steps than were tried")
    }

    /// Reads another anchor and notes nothing.
    private struct Frozen: RollbackAnchor {
        let base: MemoryAnchor
        init(_ base: MemoryAnchor) { self.base = base }
        func generation(of pad: String) throws(QWaveError) -> UInt64? { try base.generation(of: pad) }
        func advance(_ pad: String, to generation: UInt64) throws(QWaveError) {}
    }

    @Test func `an anchor that can't be written stops the pad before anything is given out`() throws {
        let anchor = MemoryAnchor()
        let storage = try pad(anchor)
        let store = try PadStore(storage: storage, anchor: anchor)
        anchor.fail(true)
        #expect(code { _ = try store.reserve(500).count } == .storage)
        #expect(code { _ = try store.reserve(1).count } == .storage)
        anchor.fail(false)
        #expect(try PadStore(storage: storage.crashed(.process), anchor: anchor).status().outgoing.used == 0)
    }

    @Test func `on disk a restored folder, a copy elsewhere and a second pad of one enrollment are refused`()
        throws
    {
        let scratch = try Scratch()
        let files = FileManager.default
        try Enrollment.create(at: scratch["a"], scratch["b"], bytes: 4096, name: "")
        try files.copyItem(atPath: scratch["a"], toPath: scratch["stolen"])
        let here = FileAnchor(directory: scratch["deep/anchors"])
        try PadStore.create(directory: scratch["pad"], enrollment: scratch["a"], anchor: here)
        #expect(
            code {
                try PadStore.create(directory: scratch["second"], enrollment: scratch["stolen"], anchor: here)
            } == .notAuthenticated)
        #expect(scratch.exists("stolen"))
        try PadStore(directory: scratch["pad"], anchor: here).close()
        try files.copyItem(atPath: scratch["pad"], toPath: scratch["backup"])
        do {
            let store = try PadStore(directory: scratch["pad"], anchor: here)
            _ = try store.reserveMask(.initiatorToResponder, count: 16)
            try store.close()
        }
        #expect(code { _ = try PadStore(directory: scratch["backup"], anchor: here) } == .refused)
        let there = FileAnchor(directory: scratch["there"])
        #expect(code { _ = try PadStore(directory: scratch["pad"], anchor: there) } == .refused)
        #expect(code { try PadStore.adopt(directory: scratch["pad"], anchor: here) } == .refused)
        try PadStore.adopt(directory: scratch["pad"], anchor: there)
        _ = try PadStore(directory: scratch["pad"], anchor: there).status()
        #expect(try scratch.mode("deep/anchors") == 0o700)
    }

    @Test func `one slot of an anchor may rot, and without both nobody guesses`() throws {
        let scratch = try Scratch()
        let anchor = FileAnchor(directory: scratch["anchors"])
        for generation in 1...5 as ClosedRange<UInt64> { try anchor.advance("pad", to: generation) }
        #expect(try anchor.generation(of: "pad") == 5 && anchor.generation(of: "other") == nil)
        let whole = try scratch.bytes("anchors/pad")
        for place in [0, 9, 17, 4096, 4105, 4113] {
            var changed = whole
            changed[place] ^= 1
            try scratch.write(changed, "anchors/pad")
            // The first slot holds 5, the second 4.
            #expect(try anchor.generation(of: "pad") == (place < 4096 ? 4 : 5))
            changed[place < 4096 ? 4105 : 9] ^= 1
            try scratch.write(changed, "anchors/pad")
            #expect(code { _ = try anchor.generation(of: "pad") } == .storage)
        }
        try scratch.write([], "anchors/pad")
        #expect(code { try anchor.advance("pad", to: 6) } == .storage)
    }
}
