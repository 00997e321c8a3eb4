// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// What one slot of the journal says.
///
/// 256 bytes, big-endian: "QWJ1"; clean (1) and 3 zero bytes; generation (8); link id (8); epoch (4), zero (4);
/// next sequence reserved (8); next sequence accepted (8); ε of all tags (8, bit pattern); failed checks (8);
/// length of the index (8) and its running checksum (8); then for each of the four streams reserved_to, used_to,
/// used, burnt (8 each); outgoing mask bytes since the last block became usable (8); zeros; and in the last 8 bytes the
/// checksum of the first 248.
struct JournalRecord: Equatable, Sendable {
    static let size = 256
    private static let magic: [UInt8] = Array("QWJ1".utf8)

    /// Grows with every commit, by two: once for each slot. A rollback anchor keeps this.
    var generation: UInt64 = 0
    /// Set by an orderly close: every byte below the marks is erased and no reservation is open.
    var isClean = true
    var linkID: UInt64
    var epoch: UInt32 = 1
    /// Outgoing frames have sequences below this.
    var sequenceTo: UInt64 = 0
    /// Incoming frames below this were accepted or passed over.
    var acceptedTo: UInt64 = 0
    /// Sum of L/2^128 over tags sent and checked.
    var tagEpsilon: Double = 0
    /// Frames whose check failed in this epoch.
    var failures: UInt64 = 0
    var indexLength: UInt64 = 0
    var indexHead: UInt64 = 0
    /// Enrolled mask bytes that this end spent since a block last became usable: what failed exchanges cost.
    var masksSinceBlock: UInt64 = 0
    private var accounts = [Account](repeating: Account(), count: Stream.allCases.count)

    init(linkID: UInt64) { self.linkID = linkID }

    subscript(stream: Stream) -> Account {
        get { accounts[stream.rawValue] }
        set { accounts[stream.rawValue] = newValue }
    }

    var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.write(Self.magic)
        writer.write([isClean ? 1 : 0, 0, 0, 0] as [UInt8])
        writer.write(generation)
        writer.write(linkID)
        writer.write(epoch)
        writer.write(UInt32(0))
        writer.write(sequenceTo)
        writer.write(acceptedTo)
        writer.write(tagEpsilon)
        writer.write(failures)
        writer.write(indexLength)
        writer.write(indexHead)
        for account in accounts {
            writer.write(account.reservedTo)
            writer.write(account.usedTo)
            writer.write(account.used)
            writer.write(account.burnt)
        }
        writer.write(masksSinceBlock)
        writer.write([UInt8](repeating: 0, count: Self.size - 8 - writer.bytes.count))
        writer.write(Checksum.of(writer.bytes))
        return writer.bytes
    }

    /// The record in `bytes`, or nil where they aren't a whole one.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size, Array(bytes.prefix(4)) == Self.magic else { return nil }
        var reader = ByteReader(bytes, what: "journal slot")
        do {
            _ = try reader.read(count: 4)
            let flags = try reader.read(count: 4)
            let generation = try reader.read(UInt64.self)
            self.init(linkID: try reader.read())
            self.generation = generation
            isClean = flags[0] == 1
            epoch = try reader.read()
            _ = try reader.read(UInt32.self)
            sequenceTo = try reader.read()
            acceptedTo = try reader.read()
            tagEpsilon = try reader.readDouble()
            failures = try reader.read()
            indexLength = try reader.read()
            indexHead = try reader.read()
            for index in accounts.indices {
                accounts[index] = Account(
                    reservedTo: try reader.read(), usedTo: try reader.read(), used: try reader.read(),
                    burnt: try reader.read())
            }
            masksSinceBlock = try reader.read()
            _ = try reader.read(count: reader.remaining - 8)
            guard try reader.read(UInt64.self) == Checksum.of(Array(bytes.prefix(Self.size - 8))) else {
                return nil
            }
        } catch {
            return nil
        }
    }
}
