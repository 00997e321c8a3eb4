// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The responder's side of the LDPC engine, without I/O: decodes, says which frames it has and corrects its key.
///
/// It decodes the pattern of errors rather than the key, so what it says depends on the errors, on how reliable
/// its samples were, and on nothing else of its key.
public struct LDPCResponder: ReconciliationMachine {
    private let key: RawKey
    private let plan: LDPCPlan
    private var decoding: LDPCDecoding?
    private var progress: LDPCProgress
    public private(set) var received: Disclosure = .nothing
    private var isOver = false

    public init(_ key: RawKey, options: LDPC = LDPC()) throws(QWaveError) {
        self.key = key
        plan = try options.plan(key)
        progress = LDPCProgress(plan)
    }

    public mutating func receive(_ message: [UInt8]) throws(QWaveError) -> ReconciliationAction<CorrectedKey>
    {
        guard !isOver else {
            throw QWaveError(.protocolViolation, "an LDPC message came after the block was done")
        }
        var reader = ByteReader(message, what: "LDPC syndromes")
        if decoding != nil {
            let isReveal = progress.step == .reveal
            try LDPCMessage.expect(isReveal ? LDPCMessage.reveal : LDPCMessage.syndrome, &reader)
        } else {
            let seed = try open(&reader)
            decoding = LDPCDecoding(key, plan: plan, seed: seed)
        }
        var bits = try LDPCMessage.readBits(progress.fieldBits, from: &reader)
        received = LDPCMessage.said(progress.price)
        switch progress.step {
        case .syndrome(let range):
            return answer(range, &bits)
        case .reveal:
            decoding?.reveal(progress.open, &bits)
            return end(nil)
        case .done, .refused:
            return end(nil)
        }
    }

    /// Reads the opening up to its bit field and returns its seed.
    private func open(_ reader: inout ByteReader) throws(QWaveError) -> UInt64 {
        try LDPCMessage.expect(LDPCMessage.opening, &reader)
        let version = try reader.read(UInt8.self)
        guard version == LDPCMessage.version else {
            throw QWaveError(
                .protocolViolation,
                "the peer speaks version \(version) of the LDPC engine, this end \(LDPCMessage.version)")
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
                "the peer divides the raw key into other frames, expects other error rates or was given other LDPC options; both ends must use the same"
            )
        }
        return seed
    }

    private mutating func answer(
        _ range: Range<Int>, _ bits: inout BitReader
    ) -> ReconciliationAction<CorrectedKey> {
        let decoded = decoding?.take(range, of: progress.open, &bits) ?? []
        let disclosure = progress.verdicts
        var writer = ByteWriter()
        writer.write(LDPCMessage.verdicts)
        var field = BitWriter()
        for verdict in decoded { field.write(verdict ? 1 : 0, width: 1) }
        writer.write(field.packed)
        progress.take(decoded)
        switch progress.step {
        case .syndrome, .reveal: return .send(writer.bytes, disclosure)
        case .done, .refused: return end(.init(writer.bytes, disclosure))
        }
    }

    private mutating func end(
        _ last: ReconciliationAction<CorrectedKey>.Message?
    ) -> ReconciliationAction<CorrectedKey> {
        isOver = true
        defer { decoding?.wipe() }
        if let refusal = progress.refusal { return .finish(last: last, .failure(refusal)) }
        let bits = decoding?.corrected ?? key.bits
        let result = CorrectedKey(
            bits: bits, corrected: bits.distance(to: key.bits), messages: progress.messages)
        return .finish(last: last, .success(result))
    }
}
