// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Quantization

/// The part of an exchange in which both ends synchronize their blocks and the initiator publishes their phases'
/// references.
///
/// Message 0x0B: the initiator says which of her blocks locked and her reference coefficients of every block; the
/// responder answers with which of his locked. References are published coefficients that are never keyed; a lock flag
/// depends on the data and costs a bit; the responder's says too whether his block agrees with the references. Blocks
/// that didn't lock at both ends are left out.
struct SharedSynchronization {
    let plan: QuantizationPlan
    let synchronization: SynchronizedPlan

    private static let mostBlocks = 8192

    /// This end's components and the rows of them that are keyed.
    func run(_ commissioned: SharedCommissioning.Outcome, as party: Party)
        async throws(QWaveError) -> (streams: ComponentStreams, keyed: Range<Int>)
    {
        let rows = SynchronizedPlan.blocks(
            rows: commissioned.pairs.count, commissioned: commissioned.commissioned, length: plan.timeBlock,
            breaks: commissioned.breaks)
        // One message holds them all.
        guard rows.count <= Self.mostBlocks else {
            throw QWaveError(
                .refused, "\(rows.count) blocks are too many for one exchange: split the capture")
        }
        var own = try SynchronizedBlocks(
            published: commissioned.features, plan: synchronization, length: plan.timeBlock, rows: rows,
            role: party.role)
        let charge = Disclosure(.lockFlag, bits: Double(rows.count))
        let flags: [UInt8]
        var theirs: [UInt8]
        switch party.role {
        case .initiator:
            let references = own.references
            flags = own.isLocked.map { $0 ? 1 : 0 }
            var writer = ByteWriter()
            writer.write(SessionMessage.synchronization)
            writer.writeCounted(flags)
            for value in references { writer.write(value.bitPattern) }
            try await party.send(writer.bytes, charging: charge)
            var reader = try await Self.receive(party)
            theirs = try reader.readCounted(limit: rows.count)
            try reader.finish()
        case .responder:
            var reader = try await Self.receive(party)
            theirs = try reader.readCounted(limit: rows.count)
            var references: [Float] = []
            for _ in 0..<2 * synchronization.references.count * rows.count {
                references.append(Float(bitPattern: try reader.read(UInt32.self)))
            }
            try reader.finish()
            try own.align(to: references)
            flags = own.isLocked.map { $0 ? 1 : 0 }
            var writer = ByteWriter()
            writer.write(SessionMessage.synchronization)
            writer.writeCounted(flags)
            try await party.send(writer.bytes, charging: charge)
        }
        guard theirs.count == rows.count, theirs.allSatisfy({ $0 <= 1 }) else {
            throw SessionMessage.unexpected("a lock flag for each block", nil)
        }
        party.charge(received: charge, bytes: theirs.count + 5)
        let kept = rows.indices.filter { flags[$0] == 1 && theirs[$0] == 1 }
        let published = kept.prefix { rows[$0].upperBound <= commissioned.commissioned }.count
        return (ComponentStreams(own, kept: kept, plan: plan, role: party.role), published..<kept.count)
    }

    private static func receive(_ party: Party) async throws(QWaveError) -> ByteReader {
        let message = try await party.receive()
        guard message.first == SessionMessage.synchronization else {
            throw SessionMessage.unexpected("phase references", message.first)
        }
        var reader = ByteReader(message, what: "phase references")
        _ = try reader.read(UInt8.self)
        return reader
    }
}

extension Disclosure.Kind {
    /// Whether a block of snapshots locked to a common phase track.
    static let lockFlag = Disclosure.Kind("lockFlag")
}
