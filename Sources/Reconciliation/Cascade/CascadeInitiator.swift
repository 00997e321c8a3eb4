// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The initiator's side of Cascade, without I/O: says parities of the reference key, hears where they differ.
public struct CascadeInitiator: ReconciliationMachine {
    private let key: RawKey
    private var parities: KeyParities
    private(set) var search: CascadeSearch
    public private(set) var received: Disclosure = .nothing
    private var isOver = false

    /// - Parameter seed: public randomness of this block, drawn after both raw keys were fixed.
    public init(_ key: RawKey, seed: UInt64, options: Cascade = Cascade()) throws(QWaveError) {
        self.key = key
        parities = KeyParities(key.bits)
        search = options.search(try options.plan(key), seed: seed)
    }

    /// The first message: seed, digest of the plan, parities of the first pass.
    public mutating func opening() -> ReconciliationAction<CorrectedKey>? {
        var writer = ByteWriter()
        writer.write(CascadeMessage.opening)
        writer.write(CascadeMessage.version)
        writer.write(search.seed)
        writer.write(UInt32(search.plan.bitCount))
        writer.write(search.plan.digest)
        return say(writer)
    }

    private mutating func say(_ writer: ByteWriter) -> ReconciliationAction<CorrectedKey> {
        var writer = writer
        parities.follow(search.trees)
        CascadeMessage.write(search.questions.map { parities.parity($0) }, to: &writer)
        return .send(writer.bytes, CascadeMessage.disclosure(search.questions.count))
    }

    public mutating func receive(_ message: [UInt8]) throws(QWaveError) -> ReconciliationAction<CorrectedKey>
    {
        guard !isOver else {
            throw QWaveError(.protocolViolation, "a Cascade message came after the block was done")
        }
        var reader = ByteReader(message, what: "Cascade error parities")
        try CascadeMessage.expect(CascadeMessage.errorParities, &reader)
        let count = search.questions.count
        let answers = try CascadeMessage.readParities(count, from: &reader)
        received = CascadeMessage.disclosure(count)
        search.take(answers)
        if !search.questions.isEmpty {
            var writer = ByteWriter()
            writer.write(CascadeMessage.parities)
            return say(writer)
        }
        isOver = true
        if let refusal = search.refusal { return .finish(last: nil, .failure(refusal)) }
        let result = CorrectedKey(bits: key.bits, corrected: 0, messages: 2 * search.rounds)
        return .finish(last: nil, .success(result))
    }
}
