// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The responder's side of Cascade, without I/O: says where the parities differ, and corrects its key.
public struct CascadeResponder: ReconciliationMachine {
    private let key: RawKey
    private let options: Cascade
    private let plan: CascadePlan
    private var parities: KeyParities
    private(set) var search: CascadeSearch?
    public private(set) var received: Disclosure = .nothing
    private var isOver = false

    public init(_ key: RawKey, options: Cascade = Cascade()) throws(QWaveError) {
        self.key = key
        self.options = options
        plan = try options.plan(key)
        parities = KeyParities(key.bits)
    }

    /// Reads the opening up to its parities and starts the search from its seed.
    private func open(_ reader: inout ByteReader) throws(QWaveError) -> CascadeSearch {
        try CascadeMessage.expect(CascadeMessage.opening, &reader)
        let version = try reader.read(UInt8.self)
        guard version == CascadeMessage.version else {
            throw QWaveError(
                .protocolViolation,
                "the peer speaks Cascade version \(version), this end \(CascadeMessage.version)")
        }
        let seed = try reader.read(UInt64.self)
        let count = try reader.read(UInt32.self)
        guard count == plan.bitCount else {
            throw QWaveError(
                .protocolViolation, "the peer's raw key has \(count) bits, this end's \(plan.bitCount)")
        }
        guard try reader.read(UInt64.self) == plan.digest else {
            throw QWaveError(
                .protocolViolation,
                "the peer divides the raw key into other frames; or was given other Cascade options; both ends must use the same"
            )
        }
        return options.search(plan, seed: seed)
    }

    public mutating func receive(_ message: [UInt8]) throws(QWaveError) -> ReconciliationAction<CorrectedKey>
    {
        guard !isOver else {
            throw QWaveError(.protocolViolation, "a Cascade message came after the block was done")
        }
        var reader = ByteReader(message, what: "Cascade parities")
        if search == nil {
            search = try open(&reader)
        } else {
            try CascadeMessage.expect(CascadeMessage.parities, &reader)
        }
        return try answer(&reader)
    }

    private mutating func answer(_ reader: inout ByteReader) throws(QWaveError) -> ReconciliationAction<
        CorrectedKey
    > {
        guard let questions = search?.questions, let trees = search?.trees else {
            throw QWaveError(.internalFault, "Cascade's search is missing at the responder")
        }
        let theirs = try CascadeMessage.readParities(questions.count, from: &reader)
        received = CascadeMessage.disclosure(questions.count)
        parities.follow(trees)
        var answers = theirs
        for index in answers.indices where parities.parity(questions[index]) { answers[index].toggle() }
        var writer = ByteWriter()
        writer.write(CascadeMessage.errorParities)
        CascadeMessage.write(answers, to: &writer)
        let disclosure = CascadeMessage.disclosure(questions.count)
        search?.take(answers)
        guard let search, search.questions.isEmpty else { return .send(writer.bytes, disclosure) }
        isOver = true
        let last = ReconciliationAction<CorrectedKey>.Message(writer.bytes, disclosure)
        if let refusal = search.refusal { return .finish(last: last, .failure(refusal)) }
        var bits = key.bits
        for error in search.errors { bits.flip(at: Int(error)) }
        let result = CorrectedKey(bits: bits, corrected: search.errors.count, messages: 2 * search.rounds)
        return .finish(last: last, .success(result))
    }
}
