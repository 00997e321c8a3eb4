// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import OneTimePad
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Secrecy
internal import Synchronization

/// What one end tells of a session: a line on standard error for each exchange as it ends, a result at the end.
final class PairReport: Sendable {
    private struct State {
        var exchanges: [PairResult.Exchange] = []
        /// What to do about the channel of the exchange that is under way, where it hardly moves.
        var prompt: String?
    }
    private let role: Party.Role
    private let state = Mutex(State())

    init(role: Party.Role) { self.role = role }

    func note(_ event: ExchangeEvent) {
        switch event {
        case .paired(let pairs, let commissioned):
            StandardError.write("qwave: \(pairs) probe pairs, \(commissioned) commission the model")
        case .planned(let components, let bits):
            StandardError.write("qwave: \(components) components, about \(max(0, Int(bits))) bits expected")
        case .carried:
            if let line = CarryOptions.line(event) { StandardError.write(line) }
        default: break
        }
    }

    /// Looks at how much the channel moves.
    ///
    /// - Parameter published: probes at the start of the trace that no exchange keys.
    func watch(_ trace: ChannelTrace, rate: Double, published: Int) {
        let meter = MotionMeter(trace, rate: rate, limit: published)
        let prompt = meter.flatMap { $0.verdict == .moving ? nil : $0.prompt }
        state.withLock { $0.prompt = prompt }
    }

    /// Tells of a failed test on keyed samples as soon as it is known.
    func alarm(_ outcome: ExchangeOutcome) {
        StandardError.write(
            "qwave: exchange \(outcome.sequence): \(outcome.refusals.joined(separator: "; ")): no exchange begins "
                + "again before --recommission")
    }

    func add(_ outcome: ExchangeOutcome) {
        let exchange = PairResult.Exchange(outcome)
        let prompt = state.withLock { state in
            state.exchanges.append(exchange)
            return state.prompt
        }
        let what =
            exchange.keyBits > 0
            ? "\(exchange.keyBits) bits committed (\(exchange.netKeyBits) net)"
            : "no key: " + exchange.refused.joined(separator: "; ")
        StandardError.write(
            "qwave: exchange \(outcome.sequence): \(exchange.simulated ? "SIMULATED, " : "")\(what)")
        // A channel that is another one at each probe looks still to the meter, and not to the tests.
        let stands = exchange.refused.contains { $0.contains("static channel") }
        if stands, let prompt { StandardError.write("qwave: \(prompt)") }
    }

    func result(status: PadStatus) -> PairResult {
        PairResult(
            role: role == .initiator ? "initiator" : "responder", exchanges: state.withLock { $0.exchanges },
            pad: status)
    }
}

/// The result of `qwave pair`.
struct PairResult: CommandResult {
    struct Exchange: Encodable {
        var identifier: String
        var sequence: UInt64
        var keyBits: Int
        var netKeyBits: Int
        var pairs: Int
        var seconds: OrNull<Double>
        var bitsPerMinute: OrNull<Double>
        var epsilon: OrNull<Double>
        var assurance: OrNull<String>
        var simulated: Bool
        var refused: [String]

        init(_ outcome: ExchangeOutcome) {
            identifier = outcome.identifier.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            sequence = outcome.sequence
            keyBits = outcome.key?.count ?? 0
            netKeyBits = outcome.key == nil ? 0 : (outcome.certificate?.netLength ?? 0)
            pairs = outcome.statistics.pairs
            seconds = OrNull(outcome.statistics.captureSeconds)
            let net = Double(netKeyBits)
            bitsPerMinute = OrNull(outcome.statistics.captureSeconds.map { net / $0 * 60 })
            epsilon = OrNull(outcome.certificate?.epsilonTotal)
            assurance = OrNull(outcome.certificate?.assurance)
            simulated = outcome.statistics.simulated
            refused = outcome.refusals
        }
    }

    var role: String
    var exchanges: [Exchange]
    var pad: PadStatus

    var text: String {
        let total = exchanges.reduce(0) { $0 + $1.keyBits }
        let simulated = exchanges.contains(where: \.simulated) ? " SIMULATED CHANNEL: no real secret." : ""
        return
            "\(role): \(exchanges.count) exchanges, \(total) bits into the pad; \(pad.spendable) bytes can be spent."
            + simulated
    }
}

/// A folder with one certificate for each exchange, a refused one's too.
struct CertificateFolder {
    private let folder: String
    init(_ folder: String) { self.folder = folder }

    /// - Parameter next: the pad's next number. A peer that refuses under an older one doesn't take away what certifies
    ///   a block.
    func write(_ outcome: ExchangeOutcome, next: UInt64) throws(QWaveError) {
        guard let certificate = outcome.certificate ?? outcome.refusalCertificate,
            outcome.key != nil || outcome.sequence >= next
        else { return }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw QWaveError(.storage, "the folder \(folder) can't be made", cause: error)
        }
        try Files.write(try certificate.json(), to: "\(folder)/exchange-\(outcome.sequence).json")
    }
}
