// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// How a block enters the pad, in two steps (key-delivery.md, 3.1).
///
/// 1. Each end calls `addPending`, then sends a tagged COMMIT; upon the peer's COMMIT it calls `markUsable`.
/// 2. On every reconnection, before any further exchange, each end sends `uncertain` under a tag, answers the peer's
///    list with `answer(_:)` under a tag, and hands the peer's answers to `reconcile(_:)`.
///
/// From the moment when the own COMMIT may have left, an end doesn't burn on its own: only the peer's word that it
/// holds nothing allows it. An abort before that may call `burn`.
extension PadStore {
    /// Writes a block durably, as pending: it can't be used yet.
    ///
    /// - Parameters:
    ///   - exchange: the exchange's identifier, never used before.
    ///   - sequence: the initiator's order; rising, gaps are allowed. `nextSequence` is always free.
    ///   - key: a multiple of 256 bits. The first half extends the pad from initiator to responder, the second
    ///     the other: bit i is bit (i mod 8) of byte i/8.
    ///   - epsilon: the certified ε of the block.
    ///   - assurance: the certificate's word for how it was assessed, like "model" or "model+90B".
    ///   - certificateDigest: kept with the block, at most 64 bytes.
    /// - Throws: `.badInput` for a key of another length; `.protocolViolation` for a known identifier or a sequence
    ///   that the pad has passed.
    public func addPending(
        _ exchange: ExchangeID, sequence: UInt64, key: SecretKey, epsilon: Double, assurance: String,
        certificateDigest: [UInt8] = []
    ) throws(QWaveError) {
        guard key.count > 0, key.count % 256 == 0, key.count <= 1 << 33 else {
            throw QWaveError(
                .badInput, "a block has a multiple of 256 bits, not \(key.count): round the key down to it")
        }
        guard epsilon >= 0, epsilon < 1 else {
            throw QWaveError(.badInput, "a block's epsilon lies between 0 and 1, not at \(epsilon)")
        }
        guard assurance.utf8.count <= IndexRecord.assuranceLimit,
            certificateDigest.count <= IndexRecord.digestLimit
        else {
            throw QWaveError(.badInput, "a block's assurance and its digest have at most 64 bytes each")
        }
        let block = Block(
            id: exchange, sequence: sequence, half: UInt64(key.count / 16), epsilon: epsilon,
            assurance: assurance,
            digest: certificateDigest)
        try withState { (state: inout PadState) throws(QWaveError) in try state.addPending(block, key) }
    }

    /// The peer holds the block too. It gets its offset as soon as every earlier block is decided. Final.
    ///
    /// - Throws: `.protocolViolation` for a block that is unknown or burnt here.
    public func markUsable(_ exchange: ExchangeID) throws(QWaveError) {
        try withState { (state: inout PadState) throws(QWaveError) in try state.record([.usable(exchange)]) }
    }

    /// The block is never to be used; its bytes are erased. Final, for unknown identifiers too.
    ///
    /// - Throws: `.protocolViolation` for a block that is usable.
    public func burn(_ exchange: ExchangeID) throws(QWaveError) {
        try withState { (state: inout PadState) throws(QWaveError) in try state.record([.burnt(exchange)]) }
    }

    /// What is known of an exchange. For a peer that asks, use `answer(_:)`, which binds.
    public func knows(_ exchange: ExchangeID) throws(QWaveError) -> ExchangeState {
        try withState { (state: inout PadState) in state.table.state(of: exchange) }
    }

    /// Pending blocks by sequence: what this end must ask its peer about.
    public func uncertain() throws(QWaveError) -> [UncertainExchange] {
        try withState { (state: inout PadState) in
            state.table.waiting.filter { $0.state == .pending }.map {
                UncertainExchange(id: $0.id, sequence: $0.sequence)
            }
        }
    }

    /// A sequence above every one that was seen here; the initiator proposes it for its next exchange.
    public func nextSequence() throws(QWaveError) -> UInt64 {
        try withState { (state: inout PadState) in state.table.highestSequence.map { $0 + 1 } ?? 0 }
    }

    /// What this end tells its peer about the peer's uncertain exchanges, in their order.
    ///
    /// The answer binds: an exchange that is unknown here is burnt here for ever before this returns, so that a
    /// straggling COMMIT of an old connection can't bring it in after the peer burnt it upon our word.
    ///
    /// - Throws: `.protocolViolation` for more than 4096 identifiers.
    public func answer(_ exchanges: [ExchangeID]) throws(QWaveError) -> [ExchangeState] {
        guard exchanges.count <= 4096 else {
            throw QWaveError(
                .protocolViolation, "the peer asks about \(exchanges.count) exchanges, at most 4096 allowed")
        }
        return try withState { (state: inout PadState) throws(QWaveError) in
            let table = state.table
            let known = exchanges.map { table.state(of: $0) }
            let unknown = Set(zip(exchanges, known).filter { $0.1 == .unknown }.map(\.0))
            if !unknown.isEmpty {
                try state.record(unknown.sorted { $0.description < $1.description }.map { .burnt($0) })
            }
            return known
        }
    }

    /// Decides pending blocks by the peer's binding answers: held by both is usable, held by one is burnt. Blocks
    /// that the peer wasn't asked about stay pending.
    public func reconcile(_ answers: [ExchangeID: ExchangeState]) throws(QWaveError) {
        try withState { (state: inout PadState) throws(QWaveError) in
            let decisions = state.table.waiting.filter { $0.state == .pending }.compactMap { block in
                answers[block.id].map { $0.isHeld ? IndexRecord.usable(block.id) : .burnt(block.id) }
            }
            if !decisions.isEmpty { try state.record(decisions) }
        }
    }
}

extension PadState {
    /// Files first, then their names, then the record, then the journal: whatever the record names is whole.
    mutating func addPending(_ block: Block, _ key: SecretKey) throws(QWaveError) {
        var trial = index.table
        try trial.apply(.pending(block))
        try key.withBytes { (bytes: Span<UInt8>) throws(QWaveError) in
            for direction in Direction.allCases {
                let half = bytes.extracting(
                    Int(direction.rawValue) * Int(block.half)..<(Int(direction.rawValue) + 1)
                        * Int(block.half))
                var from = 0
                while from < half.count {
                    let to = min(from + Int(Self.segmentSize), half.count)
                    let name = block.segmentName(direction, UInt64(from) / Self.segmentSize)
                    try storage.writeNew(name, half.extracting(from..<to))
                    present.insert(name)
                    from = to
                }
            }
        }
        try storage.syncNames()
        try record([.pending(block)])
    }

    /// Appends to the index, durably in both books, then erases what was burnt.
    mutating func record(_ records: [IndexRecord]) throws(QWaveError) {
        try index.append(records)
        let makesPad = records.contains { if case .usable = $0 { true } else { false } }
        if makesPad { journal.record.masksSinceBlock = 0 }
        try commit()
        for case .burnt(let id) in records {
            guard let block = table.block(id) else { continue }
            for name in block.segmentNames where present.contains(name) {
                try storage.erase(name)
                present.remove(name)
            }
        }
    }
}
