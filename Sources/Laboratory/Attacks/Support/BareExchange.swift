// SPDX-License-Identifier: GPL-3.0-or-later
internal import PrivacyAmplification
internal import QWaveCore
internal import Reconciliation

/// The known-bad composition: reconciliation, verification and amplification chained as they are, without a transcript,
/// checkpoints or COMMIT around them.
///
/// Every stage of it is the product's; what is missing is what the room Pairing puts around them.
enum BareExchange {
    /// Runs both ends on nearly equal keys; each end's key, nil where it ended without.
    static func run(
        _ keys: KeyPair, over wire: Wire, outputBits: Int = 256, seed: UInt64
    ) async -> [BitString?] {
        let (left, right) = Loopback.pair()
        let links = [wire.tap(left, .initiator), wire.tap(right, .responder)]
        let raws = [keys.initiator, keys.responder]
        let clock = Task {
            try await Task.sleep(for: .seconds(120))
            await left.close()
        }
        let ends = [Party.Role.initiator, .responder].enumerated().map { end, role in
            let party = Party(
                role: role, link: links[end], ledger: SecrecyLedger(),
                random: ExperimentSource(seed: seed &+ UInt64(end)))
            let raw = raws[end]
            return Task { @concurrent () -> BitString? in
                do throws(QWaveError) {
                    let corrected = try await Cascade().run(raw, as: party)
                    let key = try await Verification().run(corrected, as: party)
                    return try await PrivacyAmplificationStage().run(
                        CertifiedInput(key: key, outputBits: outputBits), as: party
                    ).bits
                } catch {
                    await party.close()
                    return nil
                }
            }
        }
        let result = [await ends[0].value, await ends[1].value]
        clock.cancel()
        return result
    }

    static func keys(_ seed: UInt64) -> KeyPair {
        KeyPair(bits: 1024, channel: .binarySymmetric(errorRate: 0.02), seed: seed)
    }
}
