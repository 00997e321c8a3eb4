// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Synchronization

/// One end's pad for one link, on disk: enrolled masks (epoch 0), blocks of radio keys (epoch 1), and the journal.
///
/// Whatever a call of the store has answered survives a crash or a power loss, and no byte is given out twice, after
/// any of them. What a run had reserved and not used when it ended without `close()` is burnt.
///
/// ```swift
/// try PadStore.create(directory: "pad", enrollment: "alice.enroll")
/// let store = try PadStore(directory: "pad")
/// try store.addPending(exchange, sequence: 0, key: key, epsilon: 0x1p-37, assurance: "model")
/// try store.markUsable(exchange)       // upon the peer's COMMIT
/// let segment = try store.reserve(32)  // .refused when that would go below the floor
/// ```
///
/// A storage failure is final: the store stops, and only opening it again, after the cause is mended, helps.
public final class PadStore: Sendable {
    public let role: Party.Role
    /// Drawn at enrollment, the same at both ends; in every frame.
    public let linkID: UInt64
    /// The link's name, for people.
    public let name: String
    /// Where the pad is.
    public let place: String
    let policy: PadPolicy
    private let state: Mutex<PadState>

    /// Makes a pad directory (mode 0700) from an enrollment file, which is erased: it must not make a second pad.
    ///
    /// The file goes before the pad becomes valid. A crash between costs the enrollment, never a mask twice.
    ///
    /// - Parameters:
    ///   - directory: new, or empty.
    ///   - role: which end this must be, where the caller knows.
    ///   - anchor: what notices that a pad's directory was restored or copied; nil notices neither.
    /// - Throws: as `Enrollment.init(reading:)`; `.notAuthenticated` when the file is for the other end, or the anchor
    ///   knows a pad of this enrollment; `.storage` when the directory holds something already.
    public static func create(
        directory: String, enrollment path: String, as role: Party.Role? = nil,
        anchor: (any RollbackAnchor)? = nil
    ) throws(QWaveError) {
        let enrollment = try Enrollment(reading: path)
        if let role, role != enrollment.role {
            throw QWaveError(
                .notAuthenticated,
                "\(path) is the enrollment of the \(enrollment.role), and this end is the \(role): each end needs "
                    + "its own file")
        }
        let storage = try DiskStorage(directory, creating: true)
        try Enrollment.syncDirectory(of: directory)
        try create(in: storage, enrollment, anchor: anchor) { () throws(QWaveError) in
            try Enrollment.consume(path)
        }
    }

    package static func create(
        in storage: some Storage, _ enrollment: Enrollment, anchor: (any RollbackAnchor)? = nil,
        consuming: () throws(QWaveError) -> Void = {}
    ) throws(QWaveError) {
        try anchor?.check(isNew: enrollment.identity)
        let names = try storage.names()
        guard names.isEmpty else {
            throw QWaveError(
                .storage,
                "\(storage.place) isn't empty (\(names[0])): a pad is made in a new directory, and never over an old one (remove one that was never finished)"
            )
        }
        try enrollment.secret.buffer.withBytes { (bytes: Span<UInt8>) throws(QWaveError) in
            try storage.writeNew(PadState.secretName, bytes)
        }
        try BlockIndex.create(in: storage)
        let journal = try Journal.create(in: storage, JournalRecord(linkID: enrollment.linkID))
        try storage.syncNames()
        try anchor?.advance(enrollment.identity.anchorName, to: journal.record.generation)
        try consuming()
        try storage.writeNew(LinkIdentity.name, enrollment.identity.encoded.span)
        try storage.syncNames()
    }

    /// Opens a pad and keeps it to this process until it is closed.
    ///
    /// - Parameters:
    ///   - role: which end this must be, where the caller knows.
    ///   - anchor: the one that the pad was made with; nil lets an older state of the pad pass unnoticed.
    /// - Throws: `.unavailable` where there is no pad, or another process has it; `.notAuthenticated` when it is the
    ///   other end's; `.refused` when the anchor tells that it is a copy or an older state; `.storage` where its
    ///   books are damaged, with what to do.
    public convenience init(
        directory: String, as role: Party.Role? = nil, policy: PadPolicy = PadPolicy(),
        anchor: (any RollbackAnchor)? = nil
    ) throws(QWaveError) {
        try self.init(
            storage: try DiskStorage(directory, creating: false), as: role, policy: policy, anchor: anchor)
    }

    package init(
        storage: some Storage, as role: Party.Role? = nil, policy: PadPolicy = PadPolicy(),
        anchor: (any RollbackAnchor)? = nil
    ) throws(QWaveError) {
        let state = try PadState(opening: storage, policy: policy, anchor: anchor)
        let identity = state.identity
        if let role, role != identity.role {
            throw QWaveError(
                .notAuthenticated,
                "the pad at \(storage.place) is the \(identity.role)'s, and this end is the \(role)")
        }
        self.role = identity.role
        linkID = identity.linkID
        name = identity.label
        place = storage.place
        self.policy = policy
        self.state = Mutex(state)
    }

    /// Closes in order: nothing reserved is lost, used bytes are erased durably. Without it, or in `deinit` where it
    /// fails, the rest of the reservation is burnt at the next opening.
    public func close() throws(QWaveError) {
        try withState { (state: inout PadState) throws(QWaveError) in
            try state.close()
            state.storage.release()
        }
    }

    deinit { try? close() }

    /// Runs `body` alone. After a storage failure, or the close, nothing runs any more.
    func withState<R: ~Copyable & Sendable>(
        _ body: (inout PadState) throws(QWaveError) -> R
    ) throws(QWaveError) -> R {
        try state.withLock { (state: inout sending PadState) throws(QWaveError) -> R in
            if let reason = state.stopped {
                throw QWaveError(
                    .storage, "the pad at \(place) can't be used any more: \(reason); open it again")
            }
            do throws(QWaveError) {
                return try body(&state)
            } catch {
                if error.code == .storage || error.code == .internalFault || error.code == .unavailable {
                    state.stopped = error.message
                }
                throw error
            }
        }
    }
}
