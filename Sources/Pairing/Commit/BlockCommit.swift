// SPDX-License-Identifier: GPL-3.0-or-later
internal import Authentication
internal import QWaveCore

/// The two steps by which a block enters both pads, and their repair after a crash.
///
/// Pending at both ends, then a tagged COMMIT each way; a block is usable where the peer's COMMIT was verified.
/// The last message of any exchange can be lost: the end that waits for it keeps its block pending, and the next
/// connection's RESUME finds it held by both, so usable.
struct BlockCommit {
    let store: any BlockStore

    func commit(
        _ outcome: ExchangeOutcome, _ authenticator: TranscriptAuthenticator, as party: Party
    ) async throws(QWaveError) {
        try store.addPending(outcome)
        var body = ByteWriter()
        body.write(outcome.identifier)
        body.write(outcome.sequence)
        body.write(UInt64(outcome.key?.count ?? 0))
        let label = TranscriptAuthenticator.commitLabel
        if party.role == .initiator {
            try await party.send(
                [SessionMessage.commit] + (try authenticator.seal(label: label, body: body.bytes)),
                charging: .nothing)
        }
        let message = try await party.receive()
        guard message.first == SessionMessage.commit else {
            throw SessionMessage.unexpected("COMMIT", message.first)
        }
        try authenticator.verify(Array(message.dropFirst()), label: label, body: body.bytes)
        party.charge(received: .nothing, bytes: message.count)
        if party.role == .responder {
            try await party.send(
                [SessionMessage.commit] + (try authenticator.seal(label: label, body: body.bytes)),
                charging: .nothing)
        }
        try store.markUsable(outcome.identifier)
    }
}

/// RESUME: on every connection both list what they are uncertain of, under tags, and decide it by each other's word.
struct BlockResume {
    let store: any BlockStore
    static let limit = 4096
    static let label = TranscriptAuthenticator.resumeLabel

    /// Runs where either end is uncertain of a block; a count in clear says so. Who forges the count can only delay
    /// the decision or cost three tags.
    func run(over link: any Link, role: Party.Role, secrets: any SecretSource, random: any RandomSource)
        async throws(QWaveError)
    {
        // What doesn't fit one message waits for the next connection.
        let own = Array(try store.uncertain().prefix(Self.limit))
        let announcement: [UInt8] = [SessionMessage.resume, own.isEmpty ? 0 : 1]
        if role == .initiator { try await link.send(announcement) }
        let theirs = try await link.receive()
        guard theirs.count == 2, theirs[0] == SessionMessage.resume, theirs[1] <= 1 else {
            throw SessionMessage.unexpected("RESUME", theirs.first)
        }
        if role == .responder { try await link.send(announcement) }
        guard !own.isEmpty || theirs[1] == 1 else { return }
        let name = try await Opening.hello(over: link, role: role, random: random)
        let authenticator = try TranscriptAuthenticator(exchange: name, role: role, secrets: secrets)
        switch role {
        case .initiator:
            try await send(Self.encode(own), over: link, authenticator)
            let body = try await receive(over: link, authenticator)
            let (list, answers) = try Self.decode(body, answering: own.count)
            let reply = try store.answer(list)
            try await send(reply, over: link, authenticator)
            try store.reconcile(Dictionary(zip(own, answers)) { first, _ in first })
        case .responder:
            let list = try Self.decode(try await receive(over: link, authenticator), answering: 0).list
            let reply = try store.answer(list)
            try await send(Self.encode(own) + reply, over: link, authenticator)
            let answers = try await receive(over: link, authenticator)
            guard answers.count == own.count else {
                throw QWaveError(
                    .protocolViolation, "the peer answered about \(answers.count) of \(own.count) blocks")
            }
            try store.reconcile(Dictionary(zip(own, answers)) { first, _ in first })
        }
    }

    static func encode(_ list: [[UInt8]]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt32(list.count))
        for identifier in list { writer.write(identifier) }
        return writer.bytes
    }

    static func decode(_ body: [UInt8], answering count: Int) throws(QWaveError) -> (
        list: [[UInt8]], answers: [UInt8]
    ) {
        var reader = ByteReader(body, what: "RESUME")
        let entries = Int(try reader.read(UInt32.self))
        guard entries <= limit else {
            throw QWaveError(.protocolViolation, "RESUME lists \(entries) blocks, at most \(limit) allowed")
        }
        var list: [[UInt8]] = []
        for _ in 0..<entries { list.append(try reader.read(count: Opening.identifierBytes)) }
        let answers = try reader.read(count: count)
        try reader.finish()
        guard answers.allSatisfy({ $0 <= 3 }) else {
            throw QWaveError(.protocolViolation, "RESUME holds an unknown state")
        }
        return (list, answers)
    }

    private func send(_ body: [UInt8], over link: any Link, _ authenticator: TranscriptAuthenticator)
        async throws(QWaveError)
    {
        let seal = try authenticator.seal(label: Self.label, body: body)
        var writer = ByteWriter()
        writer.write(SessionMessage.resume)
        writer.writeCounted(body)
        writer.write(seal)
        try await link.send(writer.bytes)
    }

    private func receive(over link: any Link, _ authenticator: TranscriptAuthenticator)
        async throws(QWaveError) -> [UInt8]
    {
        let message = try await link.receive()
        guard message.first == SessionMessage.resume else {
            throw SessionMessage.unexpected("RESUME", message.first)
        }
        var reader = ByteReader(message, what: "RESUME")
        _ = try reader.read(UInt8.self)
        let body = try reader.readCounted(limit: 4 + Self.limit * (Opening.identifierBytes + 1))
        let seal = try reader.read(count: reader.remaining)
        try authenticator.verify(seal, label: Self.label, body: body)
        return body
    }
}
