// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Reconciliation
import Synchronization
import TestSupport

/// How the responder's raw key differs from the initiator's.
enum ErrorPattern {
    /// Each bit of a frame on its own, with the frame's rate.
    case independent
    /// Each bit on its own, with this rate whatever the frames say.
    case rate(Double)
    /// Runs of 20 wrong bits, this share of all bits.
    case bursts(Double)
    case all

    func errors(_ frames: [KeyFrame], count: Int, seed: UInt64) -> BitString {
        var random = SplitMix64(seed: seed)
        var errors = BitString(count: count)
        switch self {
        case .independent:
            for frame in frames {
                for bit in frame.range where Double.random(in: 0..<1, using: &random) < frame.errorRate {
                    errors[bit] = true
                }
            }
        case .rate(let rate):
            for bit in 0..<count where Double.random(in: 0..<1, using: &random) < rate { errors[bit] = true }
        case .bursts(let share):
            for _ in 0..<Int(share * Double(count) / 20) {
                let start = Int.random(in: 0..<count, using: &random)
                for bit in start..<min(count, start + 20) { errors[bit] = true }
            }
        case .all:
            for bit in 0..<count { errors[bit] = true }
        }
        return errors
    }
}

/// Two raw keys for a test.
struct RawPair {
    let initiator: RawKey
    let responder: RawKey
    let errors: BitString

    init(frames: [KeyFrame], errors: BitString, seed: UInt64) {
        let reference = BitString.seeded(count: errors.count, seed: seed)
        self.errors = errors
        initiator = RawKey(bits: reference, frames: frames)
        responder = RawKey(bits: reference ^ errors, frames: frames)
    }

    init(count: Int, errorRate: Double, pattern: ErrorPattern = .independent, seed: UInt64) {
        let frames = [KeyFrame(range: 0..<count, errorRate: errorRate)]
        self.init(
            frames: frames, errors: pattern.errors(frames, count: count, seed: seed &+ 0x5EED), seed: seed)
    }
}

/// A link that writes down what passes.
final class RecordingLink: Link {
    private let base: any Link
    private let log = Mutex<[[UInt8]]>([])
    init(_ base: any Link) { self.base = base }

    /// What this end sent.
    var sent: [[UInt8]] { log.withLock { $0 } }

    func send(_ message: [UInt8]) async throws(QWaveError) {
        log.withLock { $0.append(message) }
        try await base.send(message)
    }
    func receive() async throws(QWaveError) -> [UInt8] { try await base.receive() }
    func close() async { await base.close() }
}

/// Both ends of a stage over a loopback, each with its own ledger and generator.
struct Session<Output: Sendable>: Sendable {
    let initiator: Result<Output, QWaveError>
    let responder: Result<Output, QWaveError>
    let initiatorLedger: SecrecyLedger
    let responderLedger: SecrecyLedger
    let forward: [[UInt8]]
    let backward: [[UInt8]]

    static func run<S: Stage>(
        _ stage: S, _ first: S.Input, _ second: S.Input, responderStage: S? = nil, seed: UInt64
    ) async -> Session where S.Output == Output {
        let (left, right) = Loopback.pair()
        let leftLink = RecordingLink(left)
        let rightLink = RecordingLink(right)
        let leftLedger = SecrecyLedger()
        let rightLedger = SecrecyLedger()
        let leftParty = Party(
            role: .initiator, link: leftLink, ledger: leftLedger, random: SeededRandomSource(seed: seed))
        let rightParty = Party(
            role: .responder, link: rightLink, ledger: rightLedger,
            random: SeededRandomSource(seed: seed &+ 1))
        async let firstResult = outcome(stage, first, leftParty)
        async let secondResult = outcome(responderStage ?? stage, second, rightParty)
        return await Session(
            initiator: firstResult, responder: secondResult, initiatorLedger: leftLedger,
            responderLedger: rightLedger, forward: leftLink.sent, backward: rightLink.sent)
    }

    private static func outcome<S: Stage>(
        _ stage: S, _ block: S.Input, _ party: Party
    ) async -> Result<Output, QWaveError> where S.Output == Output {
        do throws(QWaveError) {
            return .success(try await stage.run(block, as: party))
        } catch {
            return .failure(error)
        }
    }

    /// The code of each end's failure, nil for success.
    var codes: [QWaveError.Code?] { [Self.code(initiator), Self.code(responder)] }

    private static func code(_ result: Result<Output, QWaveError>) -> QWaveError.Code? {
        if case .failure(let error) = result { return error.code }
        return nil
    }
}
