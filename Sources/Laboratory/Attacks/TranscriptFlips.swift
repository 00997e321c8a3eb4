// SPDX-License-Identifier: GPL-3.0-or-later
internal import Authentication
internal import QWaveCore
internal import Synchronization

/// Every bit of every message of an exchange, against the tags alone.
struct TranscriptFlips: Attack {
    let name = "transcript-flips"
    let rows = [8]
    let models =
        "A recorded exchange is said again to each end, with one bit changed on its way: every bit of every message "
        + "from PARAMETERS to the second checkpoint, long ones included. The end believes all of it and has nothing but "
        + "its checkpoints."
    let criterion = "The checkpoints accept the genuine exchange and none of the changed ones."
    let control = "The checkpoints' seals are heard and not verified."

    private struct Sum: Sendable {
        var flips = 0
        var accepted = 0
    }

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let options = [WiredPair.options, WiredPair.options]
        let wire = Wire()
        let pair = try WiredPair(WiredPair.captures(setting), options: options, seed: 9)
        _ = await pair.connect(over: wire, seed: setting.seed(1))
        guard pair.delivered.both == 1 else {
            throw QWaveError(.internalFault, "the recording of this attack made no key")
        }
        let said = wire.untilCommit
        // HELLO names the exchange; it isn't in the transcript, but its name is in every tag.
        let name = said.filter { $0.bytes.first == 0x01 }.sorted { $0.sender.rawValue < $1.sender.rawValue }
            .flatMap { $0.bytes.suffix(8) }
        let from = said.firstIndex { $0.bytes.first == 0x02 } ?? 0
        let messages = said[from...].filter { $0.bytes.first != 0x07 }
        let step = setting.pick(61, 1, 1)
        for end in [Party.Role.initiator, .responder] {
            let genuine = await accepts(messages, flip: nil, as: end, name: name, build)
            evidence.equal("genuine exchange accepted by the \(end)", genuine ? 1 : 0, 1)
        }
        let done = Mutex(0.0)
        let whole = Double(messages.count)
        let sum = try await Parallel.reduce(Array(messages.indices), into: Sum()) { index in
            var sum = Sum()
            let receiver = messages[index].sender.other
            for bit in stride(from: index % step, to: 8 * messages[index].bytes.count, by: step) {
                sum.flips += 1
                if await accepts(messages, flip: (index, bit), as: receiver, name: name, build) {
                    sum.accepted += 1
                }
            }
            setting.progress(
                done.withLock {
                    $0 += 1
                    return $0 / whole
                })
            return sum
        } combine: {
            $0.flips += $1.flips
            $0.accepted += $1.accepted
        }
        evidence.none(
            "changed exchanges that were accepted, of \(sum.flips) single bits", sum.accepted, of: sum.flips)
        let bytes = messages.reduce(0) { $0 + $1.bytes.count }
        evidence.note("\(messages.count) messages, \(bytes) bytes")
        return evidence
    }

    /// Whether one end, which says what it said and hears the recording, passes both checkpoints.
    private func accepts(
        _ messages: [WireMessage], flip: (message: Int, bit: Int)?, as role: Party.Role, name: [UInt8],
        _ build: AttackedBuild
    ) async -> Bool {
        do throws(QWaveError) {
            let secrets = try WiredPair.secrets(seed: 9, connections: 1, as: role)
            let authenticator = try TranscriptAuthenticator(exchange: name, role: role, secrets: secrets)
            let script = Script(
                messages.enumerated().filter { $1.sender != role }.map { index, message in
                    var bytes = message.bytes
                    if let flip, flip.message == index { bytes[flip.bit / 8] ^= 1 << UInt8(flip.bit % 8) }
                    return bytes
                })
            let party = Party(
                role: role, link: authenticator.recording(script), ledger: SecrecyLedger(),
                random: SystemRandomSource())
            var checkpoint: UInt8 = 0
            for message in messages {
                let isSeal = message.bytes.first == TranscriptAuthenticator.checkpointType
                if isSeal, build == .product {
                    // Both seals of a checkpoint are its own business.
                    guard message.sender == .initiator else { continue }
                    checkpoint += 1
                    try await authenticator.checkpoint(checkpoint, as: party)
                } else if message.sender == role {
                    try await party.send(message.bytes, charging: .nothing)
                } else {
                    _ = try await party.receive()
                }
            }
            return checkpoint == 2 || build == .broken
        } catch {
            return false
        }
    }
}

/// A link that says what was recorded and swallows what it is told.
private final class Script: Link {
    private let messages: [[UInt8]]
    private let next = Mutex(0)

    init(_ messages: [[UInt8]]) { self.messages = messages }

    func send(_ message: [UInt8]) async throws(QWaveError) {}
    func receive() async throws(QWaveError) -> [UInt8] {
        let place = next.withLock { next in
            defer { next += 1 }
            return next
        }
        guard place < messages.count else { throw QWaveError(.linkClosed, "the recording is over") }
        return messages[place]
    }
    func close() async {}
}
