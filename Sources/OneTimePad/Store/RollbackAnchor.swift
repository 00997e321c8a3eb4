// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// What remembers how far a pad's journal had come, where a restored pad directory can't turn it back.
///
/// Journal and pad lie in one directory, so whoever restores a backup of it, or runs a copy of it, turns back the marks
/// and would spend bytes a second time. An anchor holds the journal's generation somewhere else and follows every
/// commit. A pad that is behind its anchor is refused for good; so is one whose anchor is missing, because it was copied
/// to another machine. (key delivery, section 3, rule 6.)
///
/// An anchor protects as far as it isn't restored together with the pad: a file in another directory notices restored
/// and copied pads, and not a snapshot of the whole machine.
public protocol RollbackAnchor: Sendable {
    /// The last generation that was noted for a pad; nil where the pad isn't known here.
    func generation(of pad: String) throws(QWaveError) -> UInt64?
    /// Notes a generation, durably.
    func advance(_ pad: String, to generation: UInt64) throws(QWaveError)
}

extension LinkIdentity {
    /// What the pad is called at its anchor: one enrollment has two ends, and each may have one pad.
    var anchorName: String {
        let digits = String(linkID, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits + "-\(role)"
    }
}

extension RollbackAnchor {
    /// Throws `.notAuthenticated` where the anchor knows a pad of this enrollment and end.
    func check(isNew identity: LinkIdentity) throws(QWaveError) {
        guard try generation(of: identity.anchorName) == nil else {
            throw QWaveError(
                .notAuthenticated,
                "a pad was made of this enrollment before: a second one would use every mask twice; enroll again"
            )
        }
    }

    /// Throws `.refused` for a pad that is behind its anchor, or that the anchor doesn't know.
    func check(_ identity: LinkIdentity, at generation: UInt64, place: String) throws(QWaveError) {
        guard let noted = try self.generation(of: identity.anchorName) else {
            throw QWaveError(
                .refused,
                "the pad at \(place) isn't known on this machine: a copy must not run beside the original, which would "
                    + "use bytes twice. If it was moved here and the original is gone, adopt it; otherwise burn it"
            )
        }
        guard generation >= noted else {
            throw QWaveError(
                .refused,
                "the pad at \(place) is an older state of itself (generation \(generation), \(noted) was reached): it "
                    + "was restored from a backup or copied, and what was used since can't be told. Nothing of it may "
                    + "be used again: delete it at both ends and enroll again")
        }
    }
}

extension PadStore {
    /// Makes a pad that was moved known to an anchor that never heard of it. The original must be gone.
    ///
    /// - Throws: `.refused` where the anchor knows the pad.
    public static func adopt(directory: String, anchor: some RollbackAnchor) throws(QWaveError) {
        let storage = try DiskStorage(directory, creating: false)
        defer { storage.release() }
        let identity = try LinkIdentity.read(from: storage)
        guard try anchor.generation(of: identity.anchorName) == nil else {
            throw QWaveError(
                .refused, "the pad at \(directory) is known here; there is nothing to adopt")
        }
        let journal = try Journal.open(in: storage, linkID: identity.linkID)
        try anchor.advance(identity.anchorName, to: journal.record.generation)
    }
}
