// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The initiator's side of the LDPC engine, without I/O: says syndromes of the reference key for as long as asked.
public struct LDPCInitiator: ReconciliationMachine {
    private let key: RawKey
    private let seed: UInt64
    private var frames: LDPCFrames
    private var progress: LDPCProgress
    private var sums: [UInt64]
    public private(set) var received: Disclosure = .nothing
    private var isOver = false

    /// - Parameter seed: public randomness of this block, drawn after both raw keys were fixed.
    public init(_ key: RawKey, seed: UInt64, options: LDPC = LDPC()) throws(QWaveError) {
        self.key = key
        self.seed = seed
        let plan = try options.plan(key)
        frames = LDPCFrames(key, plan: plan, seed: seed)
        progress = LDPCProgress(plan)
        sums = [UInt64](repeating: 0, count: plan.frameCount * LDPCSums(plan, level: 0).stride)
    }

    /// The first message: seed, digest of the plan, hashes and first syndrome of all frames.
    public mutating func opening() -> ReconciliationAction<CorrectedKey>? {
        var writer = ByteWriter()
        writer.write(LDPCMessage.opening)
        writer.write(LDPCMessage.version)
        writer.write(seed)
        writer.write(UInt32(progress.plan.bitCount))
        writer.write(progress.plan.digest)
        return say(writer)
    }

    public mutating func receive(_ message: [UInt8]) throws(QWaveError) -> ReconciliationAction<CorrectedKey>
    {
        guard !isOver else {
            throw QWaveError(.protocolViolation, "an LDPC message came after the block was done")
        }
        var reader = ByteReader(message, what: "LDPC verdicts")
        try LDPCMessage.expect(LDPCMessage.verdicts, &reader)
        let count = progress.open.count
        var bits = try LDPCMessage.readBits(count, from: &reader)
        received = progress.verdicts
        progress.take((0..<count).map { _ in bits.read(1) != 0 })
        var writer = ByteWriter()
        if case .reveal = progress.step {
            writer.write(LDPCMessage.reveal)
        } else {
            writer.write(LDPCMessage.syndrome)
        }
        return say(writer)
    }

    /// Says what is due behind what `writer` holds.
    private mutating func say(_ writer: ByteWriter) -> ReconciliationAction<CorrectedKey> {
        var field = BitWriter()
        var isLast = true
        switch progress.step {
        case .syndrome(let range):
            isLast = false
            write(range, to: &field)
        case .reveal:
            for frame in progress.open {
                for place in 0..<progress.plan.length(of: Int(frame)) {
                    field.write(frames.bit(place, of: Int(frame)), width: 1)
                }
            }
        case .done: return end(nil)
        case .refused where progress.messages > 1: return end(nil)
        case .refused: break
        }
        var writer = writer
        writer.write(field.packed)
        let message = ReconciliationAction<CorrectedKey>.Message(
            writer.bytes, LDPCMessage.said(progress.price))
        return isLast ? end(message) : .send(message.bytes, message.disclosure)
    }

    private mutating func write(_ range: Range<Int>, to field: inout BitWriter) {
        let plan = progress.plan
        let coder = LDPCSums(plan, level: plan.level(syndromeBits: range.upperBound))
        var block = [UInt64](repeating: 0, count: plan.code.bitCount / 64)
        for start in Swift.stride(from: 0, to: progress.open.count, by: coder.lanes) {
            let group = progress.open[start..<min(start + coder.lanes, progress.open.count)]
            coder.spread(group, of: frames, into: &block)
            coder.add(block, of: group, from: range.lowerBound / plan.rowBits, to: &sums)
        }
        for frame in progress.open {
            if progress.isOpening { field.write(frames.hash(Int(frame)), width: plan.hashBits) }
            field.write(sums, base: Int(frame) * coder.stride, range: range)
        }
    }

    private mutating func end(
        _ last: ReconciliationAction<CorrectedKey>.Message?
    ) -> ReconciliationAction<CorrectedKey> {
        isOver = true
        frames.wipe()
        if let refusal = progress.refusal { return .finish(last: last, .failure(refusal)) }
        let result = CorrectedKey(bits: key.bits, corrected: 0, messages: progress.messages)
        return .finish(last: last, .success(result))
    }
}
