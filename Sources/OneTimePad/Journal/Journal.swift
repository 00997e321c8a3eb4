// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The pad's record on disk: two slots, and the valid one with the higher generation counts.
///
/// A commit writes the older slot, flushes, writes the other, flushes. So a torn write always leaves a whole
/// record beside it, and what was acknowledged stands in both: one slot that rots later can't turn the marks
/// back, which with a single write would make used bytes free again. The slots lie 4096 bytes apart, in pages
/// and sectors of their own. No key material is ever in this file.
struct Journal: Sendable {
    static let name = "journal"
    static let stride = 4096

    private let file: any StoredFile
    var record: JournalRecord
    /// True when one slot was unreadable at opening; the next commit mends it.
    let wasDamaged: Bool

    /// A new journal; the name isn't durable until the directory is.
    @discardableResult
    static func create(in storage: some Storage, _ record: JournalRecord) throws(QWaveError) -> Journal {
        let file = try storage.newFile(name)
        try file.write([UInt8](repeating: 0, count: stride + JournalRecord.size).span, at: 0)
        var journal = Journal(file: file, record: record, wasDamaged: false)
        try journal.commit()
        return journal
    }

    static func open(in storage: any Storage, linkID: UInt64) throws(QWaveError) -> Journal {
        let file = try storage.file(name)
        var records: [JournalRecord] = []
        for slot in 0..<2 {
            guard let bytes = try? file.bytes(at: slot * stride, count: JournalRecord.size),
                let record = JournalRecord(bytes), record.linkID == linkID,
                record.generation & 1 == UInt64(slot)
            else { continue }
            records.append(record)
        }
        guard let newest = records.max(by: { $0.generation < $1.generation }) else {
            throw QWaveError(
                .storage,
                "the journal of the pad at \(storage.place) is unreadable, so nobody can tell which bytes were "
                    + "used: delete the pad at both ends and enroll again")
        }
        return Journal(file: file, record: newest, wasDamaged: records.count < 2)
    }

    private init(file: any StoredFile, record: JournalRecord, wasDamaged: Bool) {
        self.file = file
        self.record = record
        self.wasDamaged = wasDamaged
    }

    /// Makes the record durable, in both slots.
    mutating func commit() throws(QWaveError) {
        for _ in 0..<2 {
            record.generation += 1
            try file.write(record.encoded.span, at: Int(record.generation & 1) * Self.stride)
            try file.sync()
        }
    }
}
