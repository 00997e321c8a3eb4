// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import OneTimePad
internal import Pairing
internal import QWave
internal import QWaveCore
internal import Quantization
internal import Synchronization

/// Somebody who gets hold of the memory of a process, or of what it wrote beside its pads.
struct MemoryDisclosure: Attack {
    let name = "memory-disclosure"
    let rows = [21]
    let models =
        "Two ends on disk make a block, use some of it and close; raw keys are reconciled and thrown away, some after "
        + "an abort. Then all memory of the process, and every file but the pads themselves, is searched for pad bytes, "
        + "enrolled secrets and raw keys: as they are, in hexadecimal and in base64."
    let criterion = "Nothing is found, but for a planted copy, which must be."
    let control = "An end that keeps a raw key after an abort, and a log that tells pad bytes."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "qwave-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }

        var scanner = MemoryScanner()
        var secrets = FileScanner()
        try await Self.session(folder, setting, &scanner, &secrets)
        setting.progress(0.4)
        // What a control keeps; the product keeps nothing.
        var kept: [BitString] = []
        for index in 0..<4 {
            let keys = try await Self.aborted(index, setting, &scanner)
            if build == .broken { kept.append(keys) }
        }
        let alive = try await Self.exchangeAborted(setting, &scanner)
        setting.progress(0.6)
        if build == .broken { secrets.log(into: folder.appendingPathComponent("trace.log")) }

        guard let found = scanner.found() else {
            evidence.note("the memory of this process can't be read here: only files were searched")
            evidence.equal("secrets found in files", secrets.hits(under: folder), 0)
            return evidence
        }
        evidence.equal("secrets found in memory, of \(scanner.count)", found.count, 0)
        if !found.isEmpty { evidence.note("found: " + found.joined(separator: ", ")) }
        evidence.equal("secrets found in files", secrets.hits(under: folder), 0)
        setting.progress(0.8)
        // The scanners must find what is there.
        evidence.atLeast("copies of a raw key in memory while its exchange runs", Double(alive), 1)
        let planted = (0..<32).map { UInt8(truncatingIfNeeded: ($0 * 37) ^ Int(setting.seed & 0xFF)) }
        var control = MemoryScanner()
        control.add(count: planted.count) { planted[$0] }
        evidence.atLeast("planted copies found in memory", Double(control.hits() ?? 0), 1)
        let place = folder.appendingPathComponent("planted")
        secrets.log(into: place)
        evidence.atLeast("planted copies found in files", Double(secrets.hits(under: folder)), 1)
        withExtendedLifetime((kept, planted)) {}
        return evidence
    }

    /// Two pads on disk, a session between them, some messages; then everything is closed.
    private static func session(
        _ folder: URL, _ setting: AttackSetting, _ scanner: inout MemoryScanner, _ secrets: inout FileScanner
    ) async throws {
        let paths = ["initiator", "responder"].map { folder.appendingPathComponent($0).path }
        let files = paths.map { $0 + ".enroll" }
        try Enrollment.create(at: files[0], files[1], bytes: 8192, name: "search")
        let anchor = FileAnchor(directory: folder.appendingPathComponent("anchors").path)
        for (path, file) in zip(paths, files) {
            try PadStore.create(directory: path, enrollment: file, anchor: anchor)
        }
        let stores = try paths.map { try PadStore(directory: $0, anchor: anchor) }
        let wire = Wire()
        _ = await WiredPair.connect(
            WiredPair.captures(setting), options: [WiredPair.options, WiredPair.options],
            stores: stores.map { PadBlockStore($0) }, secrets: stores, over: wire,
            randoms: [SystemRandomSource(), SystemRandomSource()])
        guard try stores.allSatisfy({ try $0.status().usableBlocks == 1 }) else {
            throw QWaveError(.internalFault, "the session of this attack made no block")
        }
        // What is on disk now is what must be nowhere else later.
        for path in paths {
            for name in try FileManager.default.contentsOfDirectory(atPath: path)
            where name.hasSuffix(".pad") || name == "epoch-0" {
                var bytes = try read(path + "/" + name)
                for start in [0, 24, bytes.count / 2 / 3 * 3] where start + 24 <= bytes.count {
                    scanner.add(bytes, at: start, "byte \(start) of \(name.suffix(8))")
                    secrets.add(bytes, at: start)
                }
                bytes.wipe()
            }
        }
        for message in 0..<8 {
            var input = MemoryInput([UInt8](repeating: UInt8(message), count: 20))
            var wrapped = MemoryOutput()
            // Until the pad is used up.
            guard (try? Wrapper(stores[0]).wrap(&input, to: &wrapped)) != nil else { break }
            var damaged = wrapped.bytes
            damaged[40] ^= 1
            for bytes in [damaged, wrapped.bytes] {
                var arriving = MemoryInput(bytes)
                var opened = MemoryOutput()
                _ = try? Opener(stores[1]).unwrap(&arriving, to: &opened)
            }
        }
        for store in stores { try store.close() }
    }

    /// Reads a file into memory of its own, which the caller wipes.
    private static func read(_ path: String) throws(QWaveError) -> [UInt8] {
        var file = try FileInput(path)
        return try file.read(file.remaining ?? 0)
    }

    /// A raw key that is reconciled and given up; what the control keeps of it.
    private static func aborted(
        _ index: Int, _ setting: AttackSetting, _ scanner: inout MemoryScanner
    ) async throws -> BitString {
        // No other attack draws these keys: what it left behind would be taken for this one's.
        let seed = setting.seed(50 + index) ^ 0x6D65_6D6F_7279_0000
        let keys = BareExchange.keys(seed)
        keys.initiator.bits.withWords { words in
            scanner.add(words, from: 4, "raw key \(index)")
        }
        let wire = Wire { message in
            var bytes = message.bytes
            // A wrong hash at first, then a lie in the middle, then a cut, then nothing: that key is made and dropped.
            if index == 0, bytes.first == 0x30 { bytes[bytes.count - 1] ^= 1 }
            if index == 1, bytes.first == 0x21 { bytes[bytes.count - 1] ^= 1 }
            return index == 2 && bytes.first == 0x30 ? nil : [bytes]
        }
        _ = await BareExchange.run(keys, over: wire, seed: seed)
        return keys.initiator.bits
    }

    /// An exchange of the product whose first checkpoint fails; how often its raw key stood in memory just before.
    private static func exchangeAborted(
        _ setting: AttackSetting, _ scanner: inout MemoryScanner
    ) async throws -> Int {
        let captures = WiredPair.captures(setting)
        let whole = try await AttackedExchange.run(
            captures.0, captures.1, options: WiredPair.options, seed: setting.seed(3))
        guard let plan = whole.initiator?.statistics.plan,
            let kind = FeatureKind.available(for: captures.0).first
        else { throw QWaveError(.internalFault, "the exchange of this attack came to no plan") }
        var own = MemoryScanner()
        do {
            // The same samples under the same plan are the same raw key.
            let extractor = try FeatureExtractor(kind: kind, like: captures.0)
            let features = try extractor.features(of: captures.0, at: Array(0..<captures.0.count))
            let streams = ComponentStreams(published: features, plan: plan, role: .initiator)
            let input = QuantizationInput(streams: streams, plan: plan, pairs: captures.0.count)
            let (left, right) = Loopback.pair()
            let party = Party(
                role: .initiator, link: left, ledger: SecrecyLedger(), random: SystemRandomSource())
            let block = try await QuantizationStage().run(input, as: party)
            await right.close()
            block.rawKey.bits.withWords { words in
                scanner.add(words, from: 8, "an exchange's raw key")
                own.add(words, from: 8, "")
            }
        }
        let search = own
        let seen = Mutex(0)
        let wire = Wire { message in
            guard message.bytes.first == 0x60 else { return [message.bytes] }
            let hits = search.hits() ?? 1
            seen.withLock { $0 = max($0, hits) }
            return [Array(message.bytes.dropLast()) + [(message.bytes.last ?? 0) ^ 1]]
        }
        let pair = try WiredPair(captures, options: [WiredPair.options, WiredPair.options], seed: 4)
        _ = await pair.connect(over: wire, seed: setting.seed(4))
        guard pair.usableBits == 0 else {
            throw QWaveError(.internalFault, "an exchange with a wrong seal made a block")
        }
        return seen.withLock { $0 }
    }
}
