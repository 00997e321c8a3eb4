// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelModels
internal import Foundation
public import Pairing
public import QWaveCore
internal import Quantization
internal import Secrecy
internal import Synchronization

/// Runs the points of a sweep over the machine's cores.
public struct SweepRunner: Sendable {
    /// What sessions are run with besides the point's own feature and quantizer.
    public var options = ExchangeOptions()
    /// At a time; the number of cores unless set.
    public var workers = ProcessInfo.processInfo.activeProcessorCount

    public init() {}

    /// Runs the points that aren't done yet, and hands over each as it is done, in any order.
    ///
    /// - Parameter done: called for each point, one at a time; what it throws ends the sweep.
    public func run(
        _ points: [SweepPoint], done: @escaping @Sendable (SweepRow) throws -> Void
    ) async throws {
        let turns = Turns()
        let runner = self
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, min(workers, points.count)) {
                group.addTask { @concurrent in
                    while true {
                        try Task.checkCancellation()
                        let index = turns.take()
                        guard index < points.count else { return }
                        let row = try await runner.row(points[index])
                        try turns.alone { try done(row) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Whose turn it is: to take the next point, and to hand over one.
    private final class Turns: Sendable {
        private let next = Mutex(0)
        private let gate = Mutex(())

        func take() -> Int {
            next.withLock { place in
                defer { place += 1 }
                return place
            }
        }

        func alone(_ body: () throws -> Void) throws { try gate.withLock { _ in try body() } }
    }

    /// One point.
    public func row(_ point: SweepPoint) async throws(QWaveError) -> SweepRow {
        let simulator = try TwoSidedSimulator(point.parameters())
        var (alice, bob) = (try simulator.trace(.alice), try simulator.trace(.bob))
        if point.feature == .scalar { (alice, bob) = (alice.asRSSI(), bob.asRSSI()) }
        var row = SweepRow(point: point)
        row.ceilingBitsPerMinute = simulator.ceilings.bitsPerMinute
        do {
            if let baseline = Baseline(rawValue: point.quantizer) {
                var replay = BaselineReplay(baseline)
                replay.rate = point.rate
                row.note(try await replay.run(alice, bob))
            } else {
                var options = options
                options.labels = QuantizationPlan.Labels(rawValue: point.quantizer) ?? options.labels
                options.feature = point.feature ?? options.feature
                options.rate = point.rate
                let (initiator, responder) = try await Replay(options: options).run(alice, bob)
                row.note(initiator, responder)
            }
        } catch {
            guard error.code == .refused else { throw error }
            row.refused = error.message
        }
        return row
    }
}

extension SweepRow {
    mutating func note(_ initiator: ExchangeOutcome, _ responder: ExchangeOutcome) {
        let s = initiator.statistics
        pairs = s.pairs
        rawBits = s.rawBits
        disagreement =
            rawBits > 0 ? Double(responder.statistics.corrected ?? 0) / Double(rawBits) : 0
        if let findings = s.findings, let plan = s.plan {
            informationPerProbe = findings.informationPerRow / Double(plan.stride * plan.timeBlock)
        }
        leakBits = s.leakForward + s.leakBackward
        publicBits = 8 * s.publicBytes
        keyBits = initiator.key?.count ?? 0
        netKeyBits = initiator.key == nil ? 0 : initiator.certificate?.netLength ?? 0
        bitsPerMinute = pairs > 0 ? 60 * Double(netKeyBits) * point.rate / Double(pairs) : 0
        var reasons = initiator.refusals
        for reason in responder.refusals where !reasons.contains(reason) { reasons.append(reason) }
        refused = reasons.joined(separator: "; ")
    }

    mutating func note(_ report: BaselineReport) {
        pairs = report.pairs
        rawBits = report.accounted.bits
        disagreement = report.accounted.disagreement
        leakBits = report.accounted.leakForward + report.accounted.leakBackward
        keyBits = report.accounted.secretBits
        netKeyBits = report.accounted.netBits
        bitsPerMinute = report.accounted.bitsPerMinute ?? 0
        publishedBitsPerMinute = report.published.bitsPerMinute ?? 0
        refused = report.accounted.refused.joined(separator: "; ")
    }
}
