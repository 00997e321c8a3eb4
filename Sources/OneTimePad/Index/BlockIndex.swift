// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// One line of the index.
enum IndexRecord: Equatable, Sendable {
    case pending(Block)
    case usable(ExchangeID)
    /// Of a block, or of an identifier that was said to be unknown here: it never can come in after that.
    case burnt(ExchangeID)

    static let assuranceLimit = 64
    static let digestLimit = 64

    var encoded: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .pending(let block):
            writer.write(UInt8(1))
            writer.write(block.id.bytes)
            writer.write(block.sequence)
            writer.write(block.half)
            writer.write(block.epsilon)
            writer.writeCounted(Array(block.assurance.utf8))
            writer.writeCounted(block.digest)
        case .usable(let id):
            writer.write(UInt8(2))
            writer.write(id.bytes)
        case .burnt(let id):
            writer.write(UInt8(3))
            writer.write(id.bytes)
        }
        return writer.bytes
    }

    init(_ bytes: [UInt8]) throws(QWaveError) {
        var reader = ByteReader(bytes, what: "index record")
        let type = try reader.read(UInt8.self)
        let id = try ExchangeID(try reader.read(count: 16))
        switch type {
        case 1:
            let sequence = try reader.read(UInt64.self)
            let half = try reader.read(UInt64.self)
            let epsilon = try reader.readDouble()
            let assurance = String(
                decoding: try reader.readCounted(limit: Self.assuranceLimit), as: UTF8.self)
            let digest = try reader.readCounted(limit: Self.digestLimit)
            self = .pending(
                Block(
                    id: id, sequence: sequence, half: half, epsilon: epsilon, assurance: assurance,
                    digest: digest))
        case 2: self = .usable(id)
        case 3: self = .burnt(id)
        default: throw QWaveError(.protocolViolation, "index record of unknown type \(type)")
        }
        try reader.finish()
    }
}

/// The log of blocks: append-only, each record with its length before it and behind it the checksum of the whole
/// log so far.
///
/// The journal remembers length and checksum as of its last commit. A torn tail behind that was never acknowledged
/// and is cut off; damage before it would shift offsets against the peer's, so such an index isn't opened.
struct BlockIndex: Sendable {
    static let name = "index"

    private let file: any StoredFile
    private(set) var table = BlockTable()
    private(set) var length: UInt64 = 0
    private(set) var head: UInt64 = 0

    static func create(in storage: some Storage) throws(QWaveError) {
        try storage.writeNew(name, [UInt8]().span)
    }

    /// Reads the log, at least as far as the journal knows it.
    init(in storage: any Storage, knownLength: UInt64, knownHead: UInt64) throws(QWaveError) {
        file = try storage.file(Self.name)
        let bytes = try file.bytes(at: 0, count: file.size())
        var isKnown = knownLength == 0 && knownHead == 0
        while let (record, next, checksum) = Self.parse(bytes, at: Int(length), after: head) {
            do { try table.apply(record) } catch { break }
            length = UInt64(next)
            head = checksum
            if length == knownLength && head == knownHead { isKnown = true }
        }
        guard isKnown else {
            throw QWaveError(
                .storage,
                "the block index of the pad at \(storage.place) is damaged before byte \(knownLength): offsets can't "
                    + "be trusted, so nothing of this pad may be used; delete it at both ends and enroll again"
            )
        }
        if bytes.count > Int(length) { try file.truncate(to: Int(length)) }
        // What a killed process wrote may stand in memory only, and the journal is about to vouch for it.
        try file.sync()
    }

    private static func parse(
        _ bytes: [UInt8], at position: Int, after head: UInt64
    ) -> (IndexRecord, next: Int, checksum: UInt64)? {
        guard bytes.count - position >= 10 else { return nil }
        let count = Int(bytes[position]) << 8 | Int(bytes[position + 1])
        let end = position + 2 + count
        guard bytes.count >= end + 8 else { return nil }
        let checksum = Checksum.of(bytes.span.extracting(position..<end), after: head)
        let stored = bytes[end..<end + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard stored == checksum, let record = try? IndexRecord(Array(bytes[position + 2..<end])) else {
            return nil
        }
        return (record, end + 8, checksum)
    }

    /// Appends records, durably, all or (after a crash) the first few; throws before writing where the rules forbid one.
    mutating func append(_ records: [IndexRecord]) throws(QWaveError) {
        var changed = table
        var writer = ByteWriter()
        var newHead = head
        for record in records {
            try changed.apply(record)
            var one = ByteWriter()
            let payload = record.encoded
            one.write(UInt16(payload.count))
            one.write(payload)
            newHead = Checksum.of(one.bytes, after: newHead)
            writer.write(one.bytes)
            writer.write(newHead)
        }
        try file.write(writer.bytes.span, at: Int(length))
        try file.sync()
        table = changed
        head = newHead
        length += UInt64(writer.bytes.count)
    }
}
