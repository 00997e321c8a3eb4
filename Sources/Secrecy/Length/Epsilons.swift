// SPDX-License-Identifier: GPL-3.0-or-later

/// The failure probabilities that a key is certified with; they add.
///
/// Convention: smoothing in the L1 sense, so ε_sec = ε_PA + ε_s + ε_est + ε_auth and ε_tot = ε_cor + ε_sec.
public struct Epsilons: Sendable, Hashable, Codable {
    /// ε_s, of the finite-size (AEP) bound.
    public var smoothing: Double
    /// ε_PA, of privacy amplification (leftover hash lemma).
    public var amplification: Double
    /// ε_est: that an estimate of entropy or Eve is wrong.
    public var estimation: Double
    /// ε_cor: that verification accepted unequal keys.
    public var correctness: Double
    /// ε_auth: forged public discussion.
    public var authentication: Double

    public init(
        smoothing: Double = 0x1p-40, amplification: Double = 0x1p-40, estimation: Double = 0x1p-40,
        correctness: Double = 0x1p-40, authentication: Double = 0x1p-40
    ) {
        self.smoothing = smoothing
        self.amplification = amplification
        self.estimation = estimation
        self.correctness = correctness
        self.authentication = authentication
    }

    /// ε_sec.
    public var secrecy: Double { smoothing + amplification + estimation + authentication }
    /// ε_tot.
    public var total: Double { correctness + secrecy }

    /// What makes these values useless, for a person; empty when all is well.
    var faults: [String] {
        let all = [
            ("ε_s", smoothing), ("ε_PA", amplification), ("ε_est", estimation), ("ε_cor", correctness),
            ("ε_auth", authentication),
        ]
        // ε_cor may be 0: both ends of one process compared their keys. Nothing else may.
        return all.filter { !($0.1 < 0.5 && ($0.1 > 0 || $0.0 == "ε_cor" && $0.1 == 0)) }.map {
            "\($0.0) is \($0.1): it must lie between 0 and ½"
        }
    }
}
