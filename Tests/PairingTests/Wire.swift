// SPDX-License-Identifier: GPL-3.0-or-later
import Authentication
import QWaveCore
import Synchronization
import TestSupport

@testable import Pairing

/// One message on the wire.
struct Said: Sendable, Equatable {
    var sender: Party.Role
    /// Which of its sender's messages.
    var index: Int
    var bytes: [UInt8]
}

/// What stands between the ends and their link: it records, and may spoil or swallow one message.
final class Wire: Sendable {
    enum Verdict: Sendable {
        case pass([UInt8])
        /// The sender believes that it was sent; the link is cut.
        case cut
    }
    typealias Rule = @Sendable (Said) -> Verdict

    private let log = Mutex<[Said]>([])
    private let rule: Rule

    init(_ rule: @escaping Rule = { .pass($0.bytes) }) { self.rule = rule }

    var said: [Said] { log.withLock { $0 } }
    func said(by role: Party.Role) -> [Said] { said.filter { $0.sender == role } }
    var aborts: Int { said.filter { $0.bytes == [SessionMessage.abort] }.count }

    fileprivate func pass(_ message: [UInt8], from role: Party.Role) -> Verdict {
        let said = log.withLock { log in
            let said = Said(
                sender: role, index: log.filter { $0.sender == role }.count, bytes: message)
            log.append(said)
            return said
        }
        return rule(said)
    }

    func tap(_ link: any Link, _ role: Party.Role) -> any Link { Tap(wire: self, base: link, role: role) }

    private struct Tap: Link {
        let wire: Wire
        let base: any Link
        let role: Party.Role

        func send(_ message: [UInt8]) async throws(QWaveError) {
            switch wire.pass(message, from: role) {
            case .pass(let bytes): try await base.send(bytes)
            case .cut: await base.close()
            }
        }
        func receive() async throws(QWaveError) -> [UInt8] { try await base.receive() }
        func close() async { await base.close() }
    }
}

/// A rule that spoils one message.
func spoiling(_ role: Party.Role, _ index: Int, _ change: @escaping @Sendable ([UInt8]) -> [UInt8])
    -> Wire.Rule
{
    { .pass($0.sender == role && $0.index == index ? change($0.bytes) : $0.bytes) }
}

typealias Ending = Result<ExchangeOutcome, QWaveError>

extension Result where Success == ExchangeOutcome, Failure == QWaveError {
    var outcome: ExchangeOutcome? { try? get() }
    var key: SecretKey? { outcome?.key }
    var code: QWaveError.Code? {
        if case .failure(let error) = self { return error.code }
        return nil
    }
    var refusals: [String] { outcome?.refusals ?? [] }
}

/// Both ends of one exchange, each with its own secrets and generator, over a loopback link.
struct Bench: Sendable {
    var options = Traces.quick
    var responderOptions: ExchangeOptions?
    var roles: [Party.Role] = [.initiator, .responder]
    var secretSeeds: [UInt64] = [7, 7]
    var randoms: [any RandomSource] = []
    var eve: ChannelTrace?
    /// What each end carries over from earlier exchanges.
    var carries: [CommissioningCarry?] = [nil, nil]

    /// Runs to the end or to the deadline, after which the link is closed and `hung` is true.
    func run(
        _ captures: (ChannelTrace, ChannelTrace), over wire: Wire = Wire()
    ) async throws -> (initiator: Ending, responder: Ending, hung: Bool) {
        let (left, right) = Loopback.pair()
        let links = [wire.tap(left, .initiator), wire.tap(right, .responder)]
        let traces = [captures.0, captures.1]
        let hung = Mutex(false)
        let clock = Task {
            try await Task.sleep(for: .seconds(300))
            hung.withLock { $0 = true }
            await left.close()
        }
        let tasks = try (0..<2).map { end -> Task<Ending, Never> in
            let bytes = try SeededRandomSource(seed: secretSeeds[end]).bytes(32 + 2 * 160)
            let secrets = try EphemeralSecretSource(
                enrolled: SecretBuffer(copying: bytes), role: roles[end])
            let random =
                randoms.isEmpty ? SeededRandomSource(seed: UInt64(100 + end)) : randoms[end]
            let exchange = Exchange(
                options: end == 1 ? responderOptions ?? options : options, carry: carries[end],
                abortPadding: .zero)
            let role = roles[end]
            let eve = eve
            return Task {
                do throws(QWaveError) {
                    return .success(
                        try await exchange.run(
                            traces[end], eve: eve, over: links[end], as: role, secrets: secrets,
                            random: random))
                } catch { return .failure(error) }
            }
        }
        let result = (await tasks[0].value, await tasks[1].value)
        clock.cancel()
        return (result.0, result.1, hung.withLock { $0 })
    }
}
