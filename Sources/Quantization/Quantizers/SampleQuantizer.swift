// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The quantizers that make bits of a stream of samples, with all that both ends must have in common.
///
/// ```swift
/// let stage = SampleQuantization(.binClass(bits: 2))
/// let key = try await stage.run(scores, as: party)      // the same at the other end
/// ```
public enum SampleQuantizer: Sendable, Hashable, Codable {
    /// Two thresholds α σ above and below the center of each block; between them nothing is keyed. A block of 0
    /// samples is the whole stream.
    case guardBand(alpha: Double, center: GuardBandQuantizer.Center, block: Int)
    /// Runs of at least `run` samples beyond a threshold (Mathur 2008).
    case levelCrossing(alpha: Double, run: Int)
    /// A guard band about the mean of short blocks (ASBG, Jana 2009).
    case adaptive(alpha: Double, block: Int)
    /// Equal intervals over each block's range (ASBG, multi-bit); nil bits are agreed block by block.
    case adaptiveMultibit(block: Int, bits: Int?)
    /// Cells of equal probability with Gray labels.
    case equiprobable(bits: Int)
    /// Two overlapping maps, of which the initiator says which she used (HRUBE, Patwari 2010).
    case binClass(bits: Int)
    /// Zero-leakage helper data.
    case quantileHelper(bits: Int, helperBits: Int)
    /// Cells of equal probability, and log-likelihoods at the responder.
    case soft(bits: Int)

    /// The names of the command line, with the parameters of the papers where they give any.
    public static let named: [(name: String, quantizer: SampleQuantizer)] = [
        ("guard-band", .guardBand(alpha: 0.35, center: .mean, block: 0)),
        ("level-crossing", .levelCrossing(alpha: 0.125, run: 4)),
        ("asbg", .adaptive(alpha: 0.35, block: 25)),
        ("asbg-multi", .adaptiveMultibit(block: 25, bits: nil)),
        ("equiprobable", .equiprobable(bits: 2)),
        ("maq", .binClass(bits: 2)),
        ("quantile-helper", .quantileHelper(bits: 3, helperBits: 3)),
        ("soft", .soft(bits: 3)),
    ]

    public var name: String {
        switch self {
        case .guardBand: "guard-band"
        case .levelCrossing: "level-crossing"
        case .adaptive: "asbg"
        case .adaptiveMultibit: "asbg-multi"
        case .equiprobable: "equiprobable"
        case .binClass: "maq"
        case .quantileHelper: "quantile-helper"
        case .soft: "soft"
        }
    }

    /// Whether samples are taken as normal scores: by their rank, not by their unit.
    public var takesScores: Bool {
        switch self {
        case .guardBand, .levelCrossing, .adaptive, .adaptiveMultibit: false
        case .equiprobable, .binClass, .quantileHelper, .soft: true
        }
    }

    /// Throws `.usage` for parameters that make no sense.
    public func validate() throws(QWaveError) {
        func require(_ holds: Bool, _ text: String) throws(QWaveError) {
            guard holds else { throw QWaveError(.usage, "\(name): \(text)") }
        }
        switch self {
        case .guardBand(let alpha, _, let block):
            try require((0...10).contains(alpha), "alpha lies between 0 and 10, so it can't be \(alpha)")
            try require(block == 0 || block >= 2, "a block has 2 samples or more, or is the whole stream")
        case .levelCrossing(let alpha, let run):
            try require((0...10).contains(alpha), "alpha lies between 0 and 10, so it can't be \(alpha)")
            try require((2...1000).contains(run), "an excursion has 2 to 1000 samples, not \(run)")
        case .adaptive(let alpha, let block):
            try require((0...10).contains(alpha), "alpha lies between 0 and 10, so it can't be \(alpha)")
            try require(block >= 2, "a block has 2 samples or more, not \(block)")
        case .adaptiveMultibit(let block, let bits):
            try require(block >= 2, "a block has 2 samples or more, not \(block)")
            try require(bits.map((1...8).contains) ?? true, "a symbol has 1 to 8 bits, or as many as agreed")
        case .equiprobable(let bits), .soft(let bits):
            try require((1...8).contains(bits), "a symbol has 1 to 8 bits, not \(bits)")
        case .binClass(let bits):
            try require((1...6).contains(bits), "a symbol has 1 to 6 bits, not \(bits)")
        case .quantileHelper(let bits, let helperBits):
            try require((1...8).contains(bits), "a symbol has 1 to 8 bits, not \(bits)")
            try require((0...8).contains(helperBits), "helper data have 0 to 8 bits, not \(helperBits)")
        }
    }
}
