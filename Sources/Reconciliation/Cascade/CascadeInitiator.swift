// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The initiator's side of Cascade, without I/O: says parities of the reference key, hears where they differ.
public struct CascadeInitiator: ReconciliationMachine {
    private let key: RawKey
    private let seed: UInt64
    private(set) var search: CascadeSearch
    public private(set) var received: Disclosure = .nothing
    private var buffers = CascadeBuffers()
    private var messages = 0
    private var isOver = false

    /// - Parameter seed: public randomness of this block, drawn after both raw keys were fixed.
    public init(_ key: RawKey, seed: UInt64, options: Cascade = Cascade()) throws(QWaveError) {
        self.key = key
        self.seed = seed
        let plan = try options.plan(key)
        search = try CascadeSearch(key.bits, plan: plan, options: options, seed: seed, corrects: false)
    }

    /// The first message: seed, digest of the plan, parities of the first pass.
    public mutating func opening() -> ReconciliationAction<CorrectedKey>? {
        var writer = ByteWriter()
        writer.write(CascadeMessage.opening)
        writer.write(CascadeMessage.version)
        writer.write(seed)
        writer.write(UInt32(search.plan.bitCount))
        writer.write(search.plan.digest)
        messages += 1
        return .send(search.say(header: writer.bytes), CascadeMessage.disclosure(search.questionCount))
    }

    public mutating func receive(_ message: [UInt8]) throws(QWaveError) -> ReconciliationAction<CorrectedKey>
    {
        guard messages > 0, !isOver else {
            throw QWaveError(
                .protocolViolation, "a Cascade message came before the block was begun or after it was done")
        }
        try CascadeMessage.expect(CascadeMessage.errorParities, message)
        let count = search.questionCount
        try CascadeMessage.checkParities(count, message, at: 1)
        received = CascadeMessage.disclosure(count)
        messages += 1
        if !isKnownUniquelyReferenced(&search) { search = try search.copy() }
        try search.take(message, at: 1)
        let next = search.questionCount
        if next > 0 {
            messages += 1
            return .send(
                search.say(type: CascadeMessage.parities, in: &buffers), CascadeMessage.disclosure(next))
        }
        isOver = true
        if let refusal = search.refusal { return .finish(last: nil, .failure(refusal)) }
        let result = CorrectedKey(bits: key.bits, corrected: 0, messages: messages)
        return .finish(last: nil, .success(result))
    }
}
