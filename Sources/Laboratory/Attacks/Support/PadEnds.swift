// SPDX-License-Identifier: GPL-3.0-or-later
internal import FaultStorage
internal import OneTimePad
internal import Pairing
internal import QWave
internal import QWaveCore

/// Two ends with real pads, each on a disk in memory that may lose power, and with an anchor beside it.
struct PadEnds {
    private(set) var disks: [FaultStorage] = []
    private(set) var stores: [PadStore] = []
    let policy: PadPolicy
    /// Nil in a build that notices no restored pad.
    private let anchors: [MemoryAnchor]?

    static let roles: [Party.Role] = [.initiator, .responder]

    /// - Parameter secretBytes: of the enrollment: 32, and half of the rest for each direction's masks.
    init(
        seed: UInt64, secretBytes: Int = 4096, policy: PadPolicy = PadPolicy(), isAnchored: Bool = true
    ) throws(QWaveError) {
        self.policy = policy
        anchors = isAnchored ? [MemoryAnchor(), MemoryAnchor()] : nil
        let secret = try SecretBuffer(random: secretBytes, from: ExperimentSource(seed: seed))
        for (end, role) in Self.roles.enumerated() {
            let disk = FaultStorage()
            try PadStore.create(
                in: disk, Enrollment(role: role, linkID: seed, secret: secret), anchor: anchors?[end])
            disks.append(disk)
            stores.append(try PadStore(storage: disk, policy: policy, anchor: anchors?[end]))
        }
    }

    /// The machine of an end stops and starts again.
    mutating func crash(_ end: Int, _ loss: FaultStorage.Loss) throws(QWaveError) {
        try open(end, from: disks[end].crashed(loss), policy: policy)
    }

    /// An end goes on from a disk, its own or an old one.
    mutating func open(_ end: Int, from disk: FaultStorage, policy: PadPolicy? = nil) throws(QWaveError) {
        stores[end] = try PadStore(
            storage: disk, policy: policy ?? self.policy, anchor: anchors?[end])
        disks[end] = disk
    }

    /// A block that both ends hold and may spend, `bytes` in each direction.
    func add(_ number: UInt64, bytes: Int, seed: UInt64) throws(QWaveError) {
        var random = ExperimentGenerator(seed: seed)
        let id = try ExchangeID((0..<16).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        let key = SecretKey(
            bits: BitString(words: (0..<bytes / 4).map { _ in random.next() }, count: 16 * bytes))
        for store in stores {
            try store.addPending(
                id, sequence: number, key: key, epsilon: 0x1p-60, assurance: "experiment")
            try store.markUsable(id)
        }
    }

    /// One connection of the product's session.
    func connect(
        _ captures: (ChannelTrace, ChannelTrace), over wire: Wire = Wire(), exchanges: Int = 1, seed: UInt64,
        wrapping: (any BlockStore) -> any BlockStore = { $0 }
    ) async -> WiredPair.Ending {
        await WiredPair.connect(
            captures, options: [WiredPair.options, WiredPair.options],
            stores: stores.map { wrapping(PadBlockStore($0)) }, secrets: stores, over: wire,
            randoms: [ExperimentSource(seed: seed), ExperimentSource(seed: seed &+ 1)], exchanges: exchanges)
    }
}

/// Which pad and mask bytes anybody has seen in use: the judge of reuse, who knows the formats and nothing else.
struct UseLog {
    private var frames: [Party.Role: [Range<UInt64>: [UInt8]]] = [:]
    private var frontier: [Party.Role: UInt64] = [:]
    private var seals: [Party.Role: [UInt64: [UInt8]]] = [:]
    private(set) var reused = 0
    private(set) var uses = 0

    /// Frames that left an end, whole or cut off: pad offset at byte 24, body length at 32; 16 bytes for the tag and
    /// one for each byte of the body behind its 12 clear ones.
    mutating func see(_ bytes: [UInt8], from sender: Party.Role) {
        var start = 0
        while bytes.count - start >= 36 {
            let offset = bytes[start + 24..<start + 32].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let body = bytes[start + 32..<start + 36].reduce(0) { $0 << 8 | Int($1) }
            let range = offset..<offset + UInt64(max(16, 16 + body - 12))
            let end = min(bytes.count, start + 52 + body)
            uses += 1
            // Offsets only grow: whatever begins before the last end lies over something.
            if range.lowerBound < frontier[sender, default: 0] { reused += 1 }
            frontier[sender] = max(frontier[sender, default: 0], range.upperBound)
            start = end
        }
    }

    /// Seals on a session's wire: mask offset and tag in the last 24 bytes of a checkpoint, a COMMIT or a list.
    mutating func see(_ message: WireMessage) {
        let type = message.bytes.first
        guard type == 0x60 || type == 0x07 || type == 0x08, message.bytes.count >= 25 else { return }
        let seal = Array(message.bytes.suffix(24))
        let offset = seal[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        uses += 1
        if let other = seals[message.sender, default: [:]].updateValue(seal, forKey: offset), other != seal {
            reused += 1
        }
    }
}
