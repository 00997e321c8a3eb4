// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Reconciliation

/// What a whole transcript tells, by linear algebra: both ends of an engine as a box that maps keys to bytes.
struct TranscriptRank: Attack {
    let name = "transcript-rank"
    let rows = [11]
    let models =
        "Eve is given the error pattern and solves the linear system of everything that the initiator of every engine "
        + "says, with retries, told bits and aborted blocks: hard and soft keys at all error rates, well and badly "
        + "estimated."
    let criterion =
        "Given the error pattern, what is said is affine in the key, its rank is never more than what was charged, and "
        + "within 8 bits of it where one syndrome was all that was said (a short frame leaves some rows of a code alike); what the responder says is a function of the pattern."
    let control = "Only the first message is charged, as if retries told nothing."

    static let bits = 128

    private struct Sum: Sendable {
        var sessions = 0
        var above = 0
        var bent = 0
        var dependent = 0
        var oneWay = 0
        var loose = 0
        var charged = 0.0
        var rank = 0
        var aborted = 0

        static func += (a: inout Sum, b: Sum) {
            a.sessions += b.sessions
            a.above += b.above
            a.bent += b.bent
            a.dependent += b.dependent
            a.oneWay += b.oneWay
            a.loose += b.loose
            a.charged += b.charged
            a.rank += b.rank
            a.aborted += b.aborted
        }
    }

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let sessions = build == .product ? setting.pick(6, 200, 10_000) : 12
        let names = Reconcilers.names
        for (place, name) in names.enumerated() {
            let engine = try Reconcilers.named(name)
            let sum = try await Parallel.reduce(Array(0..<sessions), into: Sum()) { number in
                if number % 256 == 0 {
                    let share = Double(number) / Double(sessions)
                    setting.progress((Double(place) + share) / Double(names.count))
                }
                return try Self.session(engine, number, build, seed: setting.seed(number))
            } combine: {
                $0 += $1
            }
            evidence.none("transcripts of rank above the charge, \(name)", sum.above, of: sum.sessions)
            evidence.none(
                "transcripts that aren't affine in the key, or whose answers depend on it, \(name)",
                sum.bent + sum.dependent, of: sum.sessions)
            if sum.oneWay > 0 {
                evidence.none(
                    "one-way transcripts of rank more than 8 below the charge, \(name)", sum.loose,
                    of: sum.oneWay)
            }
            evidence.note(
                "\(name): \(sum.sessions) sessions, \(sum.aborted) of them aborted, \(Int(sum.charged)) bits charged, "
                    + "rank \(sum.rank)")
        }
        return evidence
    }

    private struct Said {
        var forward: [UInt8] = []
        var answers: [[UInt8]] = []
        var charged = 0.0
        var first = 0.0
        var messages = 0
        var isAborted = false
    }

    /// One session: the transcript of the zero key, of every unit key, and of four random ones.
    ///
    /// The unit keys meet the zero key's answers again, which spares a decoding each; that both ends would have said
    /// the same is what the random keys show, each of which takes half of the units together.
    private static func session(
        _ engine: any Reconciler, _ number: Int, _ build: AttackedBuild, seed: UInt64
    ) throws -> Sum {
        var random = ExperimentGenerator(seed: seed)
        let told = [0.01, 0.03, 0.06, 0.11, 0.18, 0.27][number % 6]
        // Every fourth estimate is far off, which makes engines retry, tell bits, and give up.
        let rate = number % 4 == 3 ? 0.4 : told
        var errors = BitString(count: bits)
        for bit in 0..<bits where random.uniform() < rate { errors[bit] = true }
        let isSoft = engine.usesSoftValues && number % 2 == 1
        let trust = (0..<bits).map { _ in isSoft ? Int8(random.next() % 40) : 0 }
        let box = Box(engine: engine, errors: errors, told: told, trust: trust, isSoft: isSoft, seed: seed)
        let zero = try box.transcript(BitString(count: bits))
        var sum = Sum()
        sum.sessions = 1
        sum.charged = zero.charged
        sum.aborted = zero.isAborted ? 1 : 0
        var columns: [[UInt8]] = []
        for bit in 0..<bits {
            var unit = BitString(count: bits)
            unit[bit] = true
            guard let said = try? box.forward(unit, hearing: zero.answers), said.count == zero.forward.count
            else {
                sum.bent = 1
                return sum
            }
            columns.append(zip(said, zero.forward).map { $0 ^ $1 })
        }
        var rank = BinaryRank()
        for index in 0..<zero.forward.count * 8 {
            var row = (UInt64(0), UInt64(0))
            for bit in 0..<64 {
                row.0 |= UInt64(columns[bit][index >> 3] >> UInt8(index & 7) & 1) << UInt64(bit)
                row.1 |= UInt64(columns[bit + 64][index >> 3] >> UInt8(index & 7) & 1) << UInt64(bit)
            }
            rank.add(row)
        }
        sum.rank = rank.value
        let charged = build == .product ? zero.charged : zero.first
        sum.above = Double(rank.value) > charged ? 1 : 0
        // Cascade's last parities may be known from others; a syndrome and its hash never are, in a key that is longer.
        let isOneWay = zero.messages == 1 && engine.name.hasPrefix("ldpc") && !zero.isAborted
        if isOneWay, zero.charged <= Double(bits) - 24 {
            sum.oneWay = 1
            sum.loose = Double(rank.value) < zero.charged - 8 ? 1 : 0
        }
        for _ in 0..<4 {
            let key = BitString(words: [random.next(), random.next()], count: bits)
            let said = try box.transcript(key)
            var expected = zero.forward
            for bit in 0..<bits where key[bit] { expected = zip(expected, columns[bit]).map { $0 ^ $1 } }
            if said.answers != zero.answers { sum.dependent = 1 }
            if said.forward != expected { sum.bent = 1 }
        }
        return sum
    }

    private struct Box {
        let engine: any Reconciler
        let errors: BitString
        let told: Double
        /// How sure the responder is of each bit, in units of 1/3 nat.
        let trust: [Int8]
        let isSoft: Bool
        let seed: UInt64

        private var frames: [KeyFrame] { [KeyFrame(range: 0..<errors.count, errorRate: told)] }

        /// What the initiator says with `key` when it is answered so.
        func forward(_ key: BitString, hearing answers: [[UInt8]]) throws -> [UInt8] {
            var machine = try engine.initiator(RawKey(bits: key, frames: frames), seed: seed)
            var said = machine.opening()?.message?.bytes ?? []
            for answer in answers { said += try machine.receive(answer).message?.bytes ?? [] }
            return said
        }

        /// Both ends' words with `key` at the initiator, and the same pattern of errors between them.
        func transcript(_ key: BitString) throws -> Said {
            let own = key ^ errors
            let ratios = isSoft ? trust.indices.map { own[$0] ? -trust[$0] : trust[$0] } : []
            var machines = [
                try engine.initiator(RawKey(bits: key, frames: frames), seed: seed),
                try engine.responder(RawKey(bits: own, frames: frames, logLikelihoods: ratios)),
            ]
            var said = Said()
            var speaker = 0
            var action = machines[0].opening()
            while let current = action {
                if case .finish(_, .failure) = current { said.isAborted = true }
                guard let message = current.message else { break }
                if speaker == 0 {
                    said.forward += message.bytes
                    if said.messages == 0 { said.first = message.disclosure.bits }
                    said.charged += message.disclosure.bits
                    said.messages += 1
                } else {
                    said.answers.append(message.bytes)
                }
                speaker = 1 - speaker
                action = try machines[speaker].receive(message.bytes)
            }
            return said
        }
    }
}
