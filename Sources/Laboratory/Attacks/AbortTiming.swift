// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Pairing
internal import QWaveCore
internal import Statistics
internal import Synchronization

/// An attacker with a clock, who changes a message in one way or another and waits for ABORT.
struct AbortTiming: Attack {
    let name = "abort-timing"
    let rows = [12]
    let models =
        "The initiator's plan and her first seal are changed in several ways (another type, cut short, another number, "
        + "a wrong tag, a mask that was never enrolled), but for the short form her first parities and her verification "
        + "hash too, in turn, and the time until the responder says ABORT is taken."
    let criterion =
        "For every two ways to change a message the times are told apart neither by a two-sample test of Kolmogorov and "
        + "Smirnov (p > 0.01) nor by a leakage test (|t| < 4.5, Welch): one of them may err, not both."
    let control =
        "An end that says ABORT at once where a message is malformed, and waits where its tag is wrong."

    private struct Fault: Sendable {
        var name: String
        var type: UInt8
        /// Found by the message's shape, before anything of it is computed with.
        var isMalformed = true
        var change: @Sendable ([UInt8]) -> [UInt8]
    }

    private static let faults: [Fault] = [
        Fault(name: "a plan of another type", type: 0x05) { [0x06] + $0.dropFirst() },
        Fault(name: "a plan cut short", type: 0x05) { Array($0.dropLast()) },
        Fault(name: "a plan of another model", type: 0x05, isMalformed: false) { bytes in
            // A digit of a number deep inside: well-formed, and not what this end came to.
            guard let place = bytes.lastIndex(where: { (0x31...0x38).contains($0) }) else { return bytes }
            var bytes = bytes
            bytes[place] += 1
            return bytes
        },
        Fault(name: "a seal with a wrong tag", type: 0x60, isMalformed: false) {
            Array($0.dropLast()) + [$0[$0.count - 1] ^ 1]
        },
        Fault(name: "a seal whose mask doesn't exist", type: 0x60, isMalformed: false) {
            [$0[0]] + [UInt8](repeating: 0x7F, count: 8) + $0.dropFirst(9)
        },
        Fault(name: "a seal cut short", type: 0x60) { Array($0.dropLast(4)) },
    ]

    /// Of what says something of the key.
    private static let keyFaults: [Fault] = [
        Fault(name: "first parities of another version", type: 0x20) {
            [$0[0], $0[1] ^ 0x40] + $0.dropFirst(2)
        },
        Fault(name: "first parities cut short", type: 0x20) { Array($0.dropLast()) },
        Fault(name: "a verification hash that differs", type: 0x30, isMalformed: false) {
            Array($0.dropLast()) + [$0[$0.count - 1] ^ 1]
        },
        Fault(name: "a verification hash under another key", type: 0x30, isMalformed: false) {
            Array($0.prefix(5)) + [$0[5] ^ 1] + $0.dropFirst(6)
        },
        Fault(name: "a verification hash cut short", type: 0x30) { Array($0.dropLast()) },
    ]

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let rounds = setting.pick(8, 40, 200)
        let captures = WiredPair.captures(setting)
        let padding: Duration = setting.pick(.milliseconds(100), Self.product, Self.product)
        let faults = Self.faults + setting.pick([], Self.keyFaults, Self.keyFaults)
        var times = [[Double]](repeating: [], count: faults.count)
        for round in 0..<rounds {
            // In turn, so that whatever the machine does besides meets all of them.
            for (index, fault) in faults.enumerated() {
                times[index].append(
                    try await Self.time(
                        fault, captures, padding: build == .broken && fault.isMalformed ? .zero : padding,
                        seed: setting.seed(round)))
            }
            setting.progress(Double(round + 1) / Double(rounds))
        }
        for i in faults.indices {
            for j in 0..<i where faults[i].type == faults[j].type {
                let t = Self.welch(times[i], times[j])
                let p = Self.kolmogorovSmirnov(times[i], times[j])
                // In units of what either test allows: below 1 where it can't tell them apart.
                evidence.atMost(
                    "\(faults[i].name) against \(faults[j].name): the smaller of |t|/4.5 and ln p/ln 0.01",
                    min(abs(t) / 4.5, log(max(p, 1e-300)) / log(0.01)), 1)
            }
        }
        evidence.note("\(rounds) times for each of \(faults.count) faults, padding \(padding)")
        return evidence
    }

    private static let product = Exchange.defaultAbortPadding

    /// Seconds from the changed message's arrival to the responder's ABORT.
    private static func time(
        _ fault: Fault, _ captures: (ChannelTrace, ChannelTrace), padding: Duration, seed: UInt64
    ) async throws -> Double {
        let moments = Mutex<(said: ContinuousClock.Instant?, heard: ContinuousClock.Instant?)>((nil, nil))
        let wire = Wire { message in
            let now = ContinuousClock.now
            if message.sender == .initiator, message.bytes.first == fault.type {
                return moments.withLock { moments in
                    guard moments.said == nil else { return [message.bytes] }
                    moments.said = now
                    return [fault.change(message.bytes)]
                }
            }
            if message.sender == .responder, message.bytes == [0x0F] {
                moments.withLock { $0.heard = $0.heard ?? now }
            }
            return [message.bytes]
        }
        let pair = try WiredPair(captures, options: [WiredPair.options, WiredPair.options], seed: 9)
        _ = await pair.connect(
            over: wire, randoms: [ExperimentSource(seed: seed), ExperimentSource(seed: seed &+ 1)],
            abortPadding: padding)
        let (said, heard) = moments.withLock { $0 }
        guard let said, let heard, pair.usableBits == 0 else {
            throw QWaveError(.internalFault, "a changed message was met without an ABORT: \(fault.name)")
        }
        return (heard - said) / .seconds(1)
    }

    /// Welch's t of two samples.
    static func welch(_ a: [Double], _ b: [Double]) -> Double {
        func moments(_ x: [Double]) -> (mean: Double, error: Double) {
            let mean = Series.mean(x)
            let sum = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return (mean, sum / Double(max(x.count - 1, 1)) / Double(max(x.count, 1)))
        }
        let (left, right) = (moments(a), moments(b))
        let error = (left.error + right.error).squareRoot()
        if error > 0 { return (left.mean - right.mean) / error }
        return left.mean == right.mean ? 0 : left.mean < right.mean ? -.infinity : .infinity
    }

    /// The probability of a distance as large between two samples of one law, by the limiting distribution (Stephens'
    /// correction for small samples).
    static func kolmogorovSmirnov(_ a: [Double], _ b: [Double]) -> Double {
        let (x, y) = (a.sorted(), b.sorted())
        var (i, j, distance) = (0, 0, 0.0)
        while i < x.count, j < y.count {
            let value = min(x[i], y[j])
            while i < x.count, x[i] <= value { i += 1 }
            while j < y.count, y[j] <= value { j += 1 }
            distance = max(distance, abs(Double(i) / Double(x.count) - Double(j) / Double(y.count)))
        }
        let n = (Double(x.count) * Double(y.count) / Double(x.count + y.count)).squareRoot()
        let lambda = (n + 0.12 + 0.11 / n) * distance
        guard lambda > 0.2 else { return 1 }
        var sum = 0.0
        for k in 1...100 {
            let term = exp(-2 * lambda * lambda * Double(k * k))
            sum += k % 2 == 1 ? term : -term
        }
        return min(1, max(0, 2 * sum))
    }
}
