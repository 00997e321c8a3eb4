// SPDX-License-Identifier: GPL-3.0-or-later
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Secrecy

/// One exchange of the product between two captures, and what an attacker may look at afterwards.
struct AttackedExchange: Sendable {
    /// Both ends' outcomes, or why there is none.
    let initiator: ExchangeOutcome?
    let responder: ExchangeOutcome?
    let failure: QWaveError?

    /// Both ends over a loopback link, everything random from `seed`.
    static func run(
        _ alice: ChannelTrace, _ bob: ChannelTrace, eve: ChannelTrace? = nil, options: ExchangeOptions,
        seed: UInt64
    ) async throws(QWaveError) -> AttackedExchange {
        do throws(QWaveError) {
            let outcome = try await Replay(options: options, random: ExperimentSource(seed: seed))
                .run(alice, bob, eve: eve)
            return AttackedExchange(initiator: outcome.initiator, responder: outcome.responder, failure: nil)
        } catch {
            // A refusal or a failed exchange is a result of an attack; a fault of the laboratory isn't.
            let results: [QWaveError.Code] = [.refused, .badInput, .protocolViolation, .notAuthenticated]
            guard results.contains(error.code) else { throw error }
            return AttackedExchange(initiator: nil, responder: nil, failure: error)
        }
    }

    static func run(_ scene: ScalarScene, options: ExchangeOptions, seed: UInt64)
        async throws(QWaveError) -> AttackedExchange
    {
        try await run(
            scene.aliceTrace, scene.bobTrace, eve: scene.eveTrace, options: options, seed: seed)
    }

    /// Bits that either end would spend: the longer of the two keys.
    var keyBits: Int { max(initiator?.key?.count ?? 0, responder?.key?.count ?? 0) }

    /// Why there is no key, for a note.
    var reason: String {
        failure?.message ?? (initiator?.refusals.first ?? responder?.refusals.first) ?? "a key was made"
    }

    /// Bits per symbol that the certificate calls secret before leak and finite size; 0 where there is no key.
    var claimedRate: Double {
        guard keyBits > 0, let terms = initiator?.certificate?.terms, terms.symbols > 0 else { return 0 }
        return terms.entropy / Double(terms.symbols)
    }

    /// Bits that a build would give that doesn't look at some health tests: the length that the terms allow,
    /// unless something else refuses it.
    func keyBits(ignoring tests: [String]) -> Int {
        let lengths = [initiator, responder].map { outcome -> Int in
            guard let certificate = outcome?.certificate, let model = certificate.modelBits else { return 0 }
            let others = certificate.refusals.filter { refusal in
                !tests.contains { refusal.contains($0) } && !refusal.hasPrefix(Self.peerRefused)
            }
            guard others.isEmpty else { return 0 }
            return max(0, min(model, certificate.assessedBits ?? model)) / KeyLength.granule
                * KeyLength.granule
        }
        return lengths.min() ?? 0
    }

    /// Bits that a build would give that charges nothing for Eve, where this exchange gave a key: what was charged for
    /// her, and for nothing else, comes back.
    var keyBitsUnchargedForEve: Int {
        guard keyBits > 0, let terms = initiator?.certificate?.terms else { return 0 }
        let charged = terms.components.reduce(0) { $0 + Double($1.symbols) * $1.eveCharge }
        return keyBits + Int(charged) / KeyLength.granule * KeyLength.granule
    }

    /// What an end says whose peer came to 0.
    private static let peerRefused = "the peer refused"
}

extension ExchangeOptions {
    /// Options of the laboratory's scenes: one candidate plan, so that commissioning takes milliseconds.
    static func scene(bits: Int = 2, eveTrace: Bool = false) -> ExchangeOptions {
        var options = ExchangeOptions()
        options.stride = 1
        options.trendWindow = 61
        options.helperBits = 3
        options.maximumBits = bits
        options.threatModel.eveTrace = eveTrace
        return options
    }
}
