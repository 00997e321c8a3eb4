// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The responder's side of Cascade, without I/O: says where the parities differ, and corrects its key.
public struct CascadeResponder: ReconciliationMachine {
    private let key: RawKey
    private let options: Cascade
    private let plan: CascadePlan
    private(set) var search: CascadeSearch?
    public private(set) var received: Disclosure = .nothing
    private var buffers = CascadeBuffers()
    private var messages = 0
    private var isOver = false

    public init(_ key: RawKey, options: Cascade = Cascade()) throws(QWaveError) {
        self.key = key
        self.options = options
        plan = try options.plan(key)
    }

    /// Reads the opening up to its parities and starts the search from its seed.
    private func open(_ message: [UInt8]) throws(QWaveError) -> CascadeSearch {
        try CascadeMessage.expect(CascadeMessage.opening, message)
        var reader = ByteReader(message, what: "Cascade opening")
        _ = try reader.read(UInt8.self)
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
        return try CascadeSearch(key.bits, plan: plan, options: options, seed: seed, corrects: true)
    }

    public mutating func receive(_ message: [UInt8]) throws(QWaveError) -> ReconciliationAction<CorrectedKey>
    {
        guard !isOver else {
            throw QWaveError(.protocolViolation, "a Cascade message came after the block was done")
        }
        if search != nil {
            try CascadeMessage.expect(CascadeMessage.parities, message)
            if !isKnownUniquelyReferenced(&search) { search = try search?.copy() }
            return try answer(message, at: 1)
        }
        search = try open(message)
        return try answer(message, at: CascadeMessage.openingHeader)
    }

    private mutating func answer(_ message: [UInt8], at offset: Int) throws(QWaveError)
        -> ReconciliationAction<CorrectedKey>
    {
        guard let search else {
            throw QWaveError(.internalFault, "Cascade's search is missing at the responder")
        }
        let count = search.questionCount
        try CascadeMessage.checkParities(count, message, at: offset)
        received = CascadeMessage.disclosure(count)
        messages += 2
        let bytes = search.answer(type: CascadeMessage.errorParities, message, at: offset, in: &buffers)
        let disclosure = CascadeMessage.disclosure(count)
        try search.take(bytes, at: 1)
        guard search.questionCount == 0 else { return .send(bytes, disclosure) }
        isOver = true
        let last = ReconciliationAction<CorrectedKey>.Message(bytes, disclosure)
        if let refusal = search.refusal { return .finish(last: last, .failure(refusal)) }
        let result = CorrectedKey(
            bits: search.correctedKey(), corrected: search.corrected, messages: messages)
        return .finish(last: last, .success(result))
    }
}
