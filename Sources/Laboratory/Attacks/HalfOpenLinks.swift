// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Transport

/// A crowd that connects to a listening end and says next to nothing.
struct HalfOpenLinks: Attack {
    let name = "half-open-links"
    let rows = [16]
    let models =
        "Up to 1,000 connections are opened to a listening end before its peer comes, and say a byte now and then; "
        + "those that are sent away come again."
    let criterion =
        "The peer gets in and every message of it is answered; in the long form in at most twice the time that it takes "
        + "alone; memory grows by at most 64 MiB, and the listening end holds no more descriptors than it has places."
    let control = "An end that lets in whoever connects first."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        RawSocket.raiseLimit()
        let strangers = setting.pick(150, 500, 1000)
        let rounds = setting.pick(1, 2, 5)
        let admission = build == .product ? Admission() : nil
        var alone: [Double] = []
        var crowded: [Double] = []
        var served = 0
        let memory = ProcessUse.residentBytes()
        var growth = 0
        var descriptors = 0
        for round in 0..<rounds {
            if let time = await Self.visit(strangers: 0, admission).seconds { alone.append(time) }
            let visit = await Self.visit(strangers: strangers, admission)
            if let time = visit.seconds { crowded.append(time) }
            served += visit.seconds == nil ? 0 : 1
            descriptors = max(descriptors, visit.descriptors)
            growth = max(growth, visit.memory - memory)
            setting.progress(Double(round + 1) / Double(rounds))
        }
        evidence.equal("honest peers served among \(strangers) strangers", served, rounds)
        guard build == .product else { return evidence }
        evidence.atMost("descriptors that the listening end holds for strangers", Double(descriptors), 40)
        evidence.atMost("bytes of memory for the strangers", Double(growth), Double(64 << 20))
        if setting.length == .long {
            let ratio = crowded.sorted()[crowded.count / 2] / alone.sorted()[alone.count / 2]
            evidence.atMost("time of an honest visit, in units of one without strangers", ratio, 2)
        }
        return evidence
    }

    private struct Visit {
        /// Nil where the honest peer wasn't served.
        var seconds: Double?
        var descriptors = 0
        var memory = 0
    }

    /// One listening end, strangers at its door, and an honest peer who comes last.
    private static func visit(strangers count: Int, _ admission: Admission?) async -> Visit {
        var visit = Visit()
        let limits = Limits(wait: .seconds(admission == nil ? 2 : 30))
        let (ports, report) = AsyncStream.makeStream(of: Int.self)
        let server = Task { await Self.serve(limits, admission, report) }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else { return visit }
        let crowd = Crowd(port: port, count: count)
        let before = Self.descriptors()
        crowd.gather()
        try? await Task.sleep(for: .milliseconds(count == 0 ? 0 : 300))
        visit.descriptors = max(0, Self.descriptors() - before - crowd.present)
        let dribble = Task {
            while !Task.isCancelled {
                crowd.dribble()
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        let begun = ContinuousClock.now
        do throws(QWaveError) {
            try await Transport.connect(host: "127.0.0.1", port: port, deadline: .seconds(10), limits: limits)
            {
                link async throws(QWaveError) in
                for index in 0..<50 {
                    try await link.send([UInt8](repeating: UInt8(index), count: 200))
                    _ = try await link.receive()
                }
            }
            visit.seconds = (ContinuousClock.now - begun) / .seconds(1)
        } catch {}
        visit.memory = ProcessUse.residentBytes()
        dribble.cancel()
        _ = await dribble.result
        server.cancel()
        _ = await server.result
        return visit
    }

    /// A listening end that answers 50 words of the first who is let in.
    private static func serve(
        _ limits: Limits, _ admission: Admission?, _ report: AsyncStream<Int>.Continuation
    ) async {
        do {
            try await Transport.listen(
                host: "127.0.0.1", port: 0, deadline: .seconds(30), limits: limits, admission: admission,
                ready: { report.yield($0) }
            ) { link async throws(QWaveError) in
                for _ in 0..<50 {
                    let question = try await link.receive()
                    try await link.send(question)
                }
            }
        } catch {}
    }

    private static func descriptors() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }
}
