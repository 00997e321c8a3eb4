// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

/// Two hosts that are killed again and again: whatever the moment, their pads agree and no byte is used twice.
///
/// `QWAVE_KILLS` sets the number of kills (default 6), `QWAVE_KILL_SEED` their moments.
@Suite(.serialized) struct KillTests {
    @Test func `pads survive SIGKILL at any moment without a difference or a reuse`() throws {
        let environment = ProcessInfo.processInfo.environment
        let kills = environment["QWAVE_KILLS"].flatMap(Int.init) ?? 6
        let seed = environment["QWAVE_KILL_SEED"].flatMap(UInt64.init) ?? 1
        try Ends.with { ends in
            var run = KillRun(ends: ends, seed: seed)
            // A session without a kill first: it says how long one takes, and fills the pads.
            try run.resume()
            for index in 0..<kills { try run.kill(index) }
            try run.exchangeMessages(all: true)
            print("kills, seed \(seed): \(run.report)")
            #expect(run.kills == kills)
            #expect(run.resumed == kills + 1)
            #expect(run.overlaps == 0)
            #expect(run.bytesCompared > 1000)
        }
    }
}

/// The state of a run, with books of its own.
private struct KillRun {
    let ends: Ends
    var random: SplitMix64
    var kills = 0
    var exchanges = 0
    var resumed = 0
    var uncertain = 0
    var bytesCompared = 0
    var overlaps = 0
    /// Seconds of the last session that wasn't killed.
    private var sessionSeconds = 1.0
    private var sessions = 0
    /// Every range of pad offsets that a frame ever named, by sender.
    private var used: [String: [Range<UInt64>]] = [:]
    /// Wrapped before a crash, to be opened after it.
    private var onTheWay: [(from: String, to: String, file: String, plain: [UInt8])] = []

    init(ends: Ends, seed: UInt64) {
        self.ends = ends
        random = SplitMix64(seed: seed)
    }

    var report: String {
        "\(kills) kills (\(uncertain) ends left uncertain), \(exchanges) exchanges, \(resumed) sessions completed, "
            + "\(bytesCompared) bytes compared in \(used.values.reduce(0) { $0 + $1.count }) frames, "
            + "overlaps = \(overlaps)"
    }

    /// The same channel at both ends, another one in each session.
    private mutating func arguments() -> [String] {
        sessions += 1
        // A simulated path is a sum of few sinusoids: now and then the periodicity test takes them for a blocker's line.
        return Ends.channel + Ends.options + ["--channel-seed", "\(sessions)", "--recommission"]
    }

    // MARK: Sessions

    /// One session of several exchanges whose ends are killed, then one that isn't.
    mutating func kill(_ index: Int) throws {
        let common = arguments()
        let running = try ends.start(connect: common + ["--exchanges", "2"], listen: common)
        let victims = [[running.alice], [running.bob], [running.alice, running.bob]][index % 3]
        waitForTheMoment(running)
        for victim in victims { victim.kill() }
        // The survivor finds out by itself: its peer is gone, or the session was over.
        for end in [running.alice, running.bob] {
            let outcome = try end.wait()
            exchanges +=
                end === running.alice ? outcome.errors.split(separator: "\n").count(where: Self.isKey) : 0
            guard !outcome.wasSignalled else { continue }
            #expect([0, 3, 69].contains(outcome.status), "\(outcome.status): \(outcome.errors)")
        }
        kills += 1
        // Sometimes somebody looks into the pads before they meet again, sometimes not.
        if random.next() % 2 == 0 {
            for pad in ["alice", "bob"] { uncertain += try ends.status(pad).uncertain.isEmpty ? 0 : 1 }
        }
        try openWhatIsOnTheWay()
        try resume()
    }

    private static func isKey(_ line: Substring) -> Bool { line.contains("bits committed") }

    /// Half of the moments are anywhere in a session, half just after a block was written into one of the pads.
    private mutating func waitForTheMoment(_ running: (alice: RunningTool, bob: RunningTool)) {
        let limit = ContinuousClock.now + .seconds(60)
        if random.next() % 2 == 0 {
            let share = Double(random.next() % 1000) / 1000
            let moment = ContinuousClock.now + .seconds(2 * sessionSeconds * share)
            while ContinuousClock.now < moment, running.alice.isRunning || running.bob.isRunning {
                usleep(500)
            }
        } else {
            let pad = random.next() % 2 == 0 ? "alice" : "bob"
            let before = blockFiles(pad)
            while ContinuousClock.now < limit, running.alice.isRunning || running.bob.isRunning {
                if !blockFiles(pad).subtracting(before).isEmpty { break }
                usleep(200)
            }
            usleep(UInt32(random.next() % 8000))
        }
    }

    private func blockFiles(_ pad: String) -> Set<String> {
        let names = try? FileManager.default.contentsOfDirectory(
            atPath: ends.folder.appendingPathComponent(pad).path)
        return Set((names ?? []).filter { $0.hasSuffix(".pad") })
    }

    /// Sessions until one makes a key; a channel that no model fits is refused, by both ends alike.
    mutating func resume() throws {
        for _ in 0..<5 {
            if try completeSession() { return try exchangeMessages(all: false) }
        }
        throw Failure(text: "five channels in a row made no key")
    }

    /// A session to its end: whatever was uncertain is settled, and both pads grow by the same.
    private mutating func completeSession() throws -> Bool {
        let common = arguments()
        let begun = ContinuousClock.now
        let (alice, bob) = try ends.pair(connect: common, listen: common)
        let took = ContinuousClock.now - begun
        sessionSeconds = Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18
        #expect(alice.status == 0 || alice.status == 3, "\(alice.status): \(alice.errors)")
        #expect(bob.status == alice.status, "\(bob.status): \(bob.errors)")
        let results = try [alice, bob].map { try #require(try $0.object()["exchanges"] as? [[String: Any]]) }
        let bits = results.map { $0.map { $0["keyBits"] as? Int ?? 0 } }
        #expect(bits[0] == bits[1])
        #expect(bits[0].count == 1 && bits[0].allSatisfy { ($0 > 0) == (alice.status == 0) })
        let books = try ["alice", "bob"].map { try ends.status($0) }
        #expect(books[0].outgoing.generated == books[1].incoming.generated)
        #expect(books[1].outgoing.generated == books[0].incoming.generated)
        #expect(books[0].usableBlocks == books[1].usableBlocks)
        #expect(books.allSatisfy { $0.uncertain.isEmpty && $0.pendingBlocks == 0 })
        #expect(books.allSatisfy { $0.assurance.allSatisfy { $0.contains("simulated") } })
        guard alice.status == 0 else { return false }
        exchanges += 1
        resumed += 1
        return true
    }

    // MARK: Messages

    /// Messages both ways, of random length or of all that may be spent; one each way stays on its way across the
    /// next crash.
    mutating func exchangeMessages(all: Bool) throws {
        try openWhatIsOnTheWay()
        for (from, to) in [("alice", "bob"), ("bob", "alice")] {
            let spendable = try ends.status(from).spendable
            guard spendable > 300 else { continue }
            let most = all ? spendable - 64 : 1 + Int(random.next() % UInt64(spendable / 2))
            try wrap(from, to, count: most)
            if all { continue }
            if random.next() % 2 == 0 { try openWhatIsOnTheWay() }
            try wrap(from, to, count: Int(random.next() % 32))
        }
        if all { try openWhatIsOnTheWay() }
    }

    private mutating func wrap(_ from: String, _ to: String, count: Int) throws {
        let plain = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let file = "\(from)-\(random.next()).qw"
        try ends.check(["wrap", "--pad", from, "-", file], input: plain)
        let frames = Array(try Data(contentsOf: ends.folder.appendingPathComponent(file)))
        try log(frames, of: from)
        onTheWay.append((from, to, file, plain))
    }

    private mutating func openWhatIsOnTheWay() throws {
        for message in onTheWay {
            let out = message.file + ".out"
            try ends.check(["unwrap", "--pad", message.to, message.file, out])
            let opened = Array(try Data(contentsOf: ends.folder.appendingPathComponent(out)))
            #expect(opened == message.plain, "\(message.file)")
            bytesCompared += opened.count
        }
        onTheWay = []
    }

    /// Notes the pad bytes that each frame of a message took, as the frame format says: from the offset at byte
    /// 24, 16 for the tag and one for each byte of the body behind its 12 clear ones.
    private mutating func log(_ bytes: [UInt8], of sender: String) throws {
        func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 << 8 | Int($1) } }
        var start = 0
        while start < bytes.count {
            try #require(bytes.count - start >= 64 && bytes[start] == 0x51 && bytes[start + 1] == 0x57)
            try #require(bytes[start + 3] == 2, "a DATA frame")
            let offset = UInt64(number(start + 24..<start + 32))
            let body = number(start + 32..<start + 36)
            let range = offset..<offset + UInt64(16 + body - 12)
            overlaps += used[sender, default: []].count { $0.overlaps(range) }
            used[sender, default: []].append(range)
            start += 36 + body + 16
        }
        #expect(start == bytes.count)
    }
}
