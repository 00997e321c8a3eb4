// SPDX-License-Identifier: GPL-3.0-or-later
internal import FaultStorage
internal import OneTimePad
internal import QWaveCore

/// Wrapped messages that come again: at once, later, after a restart, to their own sender, on another link.
struct ReplayedFrames: Attack {
    let name = "replayed-frames"
    let rows = [9, 10]
    let models =
        "Every message that one end wrapped is delivered, then delivered again to its receiver, before and after "
        + "restarts, to its sender, to the ends of another link, and with the frames of two messages mixed."
    let criterion = "Nothing is opened a second time or anywhere else, and no file of the pad changes by it."
    let control = "A receiver who is put back to his state before the delivery, without an anchor."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let count = setting.pick(20, 60, 400)
        var ends = try PadEnds(seed: setting.seed(1), isAnchored: build == .product)
        let foreign = try PadEnds(seed: setting.seed(2))
        try ends.add(0, bytes: 160 * count + 4096, seed: setting.seed(3))
        try foreign.add(0, bytes: 160 * count + 4096, seed: setting.seed(4))
        let before = ends.disks[1].crashed(.process)
        var frames: [[UInt8]] = []
        for index in 0..<count {
            var input = MemoryInput([UInt8](repeating: UInt8(truncatingIfNeeded: index), count: 32))
            var output = MemoryOutput()
            try Wrapper(ends.stores[0], bodyLimit: 64).wrap(&input, to: &output)
            frames.append(output.bytes)
            guard Self.opens(output.bytes, ends.stores[1]) else {
                throw QWaveError(.internalFault, "a genuine message wasn't opened")
            }
        }
        var accepted = 0
        var changed = 0
        var trials = 0
        var replays = 0
        // A forgery is counted, durably from time to time; what merely comes again leaves no trace.
        func replay(_ bytes: [UInt8], to pads: PadEnds, _ end: Int, isForgery: Bool = false) {
            let files = Self.files(pads.disks[end])
            trials += 1
            replays += isForgery ? 0 : 1
            if Self.opens(bytes, pads.stores[end]) { accepted += 1 }
            if !isForgery, Self.files(pads.disks[end]) != files { changed += 1 }
        }
        for round in 0..<3 {
            if round == 1 {
                try ends.stores[1].close()
                try ends.open(1, from: ends.disks[1])
            }
            if round == 2 { try ends.crash(1, .unflushed) }
            if build == .broken, round == 2 { try ends.open(1, from: before) }
            for frame in frames { replay(frame, to: ends, 1) }
            setting.progress(Double(round + 1) / 4)
        }
        for (index, frame) in frames.enumerated() {
            replay(frame, to: ends, 0, isForgery: true)
            replay(frame, to: foreign, 0)
            replay(frame, to: foreign, 1)
            // The first half of one message and the second of the next: each frame has its own tag.
            let other = frames[(index + 1) % count]
            replay(
                Array(frame.prefix(frame.count / 2) + other.suffix(other.count / 2)), to: ends, 1,
                isForgery: true)
            replay(frame + other, to: ends, 1, isForgery: true)
        }
        evidence.none(
            "replayed, reflected, foreign and mixed messages that were opened", accepted, of: trials)
        evidence.none("pads that changed on disk by a replay", changed, of: replays)
        return evidence
    }

    private static func opens(_ bytes: [UInt8], _ store: PadStore) -> Bool {
        var input = MemoryInput(bytes)
        var output = MemoryOutput()
        return (try? Opener(store).unwrap(&input, to: &output)) != nil || !output.bytes.isEmpty
    }

    private static func files(_ disk: FaultStorage) -> [String: [UInt8]?] {
        let names = (try? disk.names()) ?? []
        return Dictionary(uniqueKeysWithValues: names.map { ($0, disk.contents($0)) })
    }
}
