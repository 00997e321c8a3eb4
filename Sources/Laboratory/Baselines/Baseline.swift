// SPDX-License-Identifier: GPL-3.0-or-later

/// A published pipeline, run as its paper says, for comparison on the same capture.
public enum Baseline: String, Sendable, CaseIterable, Codable {
    case mathur, asbg, hrube, cgc

    public var paper: String {
        switch self {
        case .mathur: "Mathur, Trappe, Mandayam, Ye and Reznik, Radio-telepathy, MobiCom 2008"
        case .asbg:
            "Jana, Premnath, Clark, Kasera, Patwari and Krishnamurthy, On the effectiveness of secret key extraction, "
                + "MobiCom 2009"
        case .hrube:
            "Patwari, Croft, Jana and Kasera, High-rate uncorrelated bit extraction, IEEE Trans. Mobile Computing 9(1), "
                + "2010"
        case .cgc:
            "Liu, Wang, Yang and Chen, Fast and practical secret key extraction by exploiting channel response, "
                + "INFOCOM 2013"
        }
    }

    /// What is run here.
    public var summary: String {
        switch self {
        case .mathur:
            "signal strength less its moving mean; excursions of at least 4 samples beyond 0.5 σ give a bit each"
        case .asbg: "signal strength; a guard band of 0.35 σ about the mean of each 25 samples"
        case .hrube:
            "signal strength, interpolated to one instant; Karhunen-Loève transform over 32 samples; 1 to 3 bits a "
                + "component under two maps (MAQ), as many as keep disagreement below 4 %"
        case .cgc:
            "the gain of each tone, corrected by its mean difference between the ends; 2 bits a tone, equally "
                + "probable cells with Gray labels"
        }
    }
}

/// What a baseline comes to on a capture: as its paper counts, and as QWave does.
public struct BaselineReport: Sendable, Codable {
    /// The paper's count: every bit that comes out of the quantizer.
    public struct Published: Sendable, Codable {
        public var bits: Int
        public var bitsPerProbe: Double
        /// Nil where the capture doesn't tell its rate.
        public var bitsPerMinute: Double?
        public var disagreement: Double
    }

    /// What would really be secret of it: the same bits, thinned to where that leaves the most, less all charges.
    public struct Accounted: Sendable, Codable {
        /// Every n-th sample, and every n-th tone.
        public var sampleStride: Int
        public var toneStride: Int
        public var bits: Int
        public var disagreement: Double
        /// Entropy of the bits by themselves, then what past, dependence and Eve take of it, in bits.
        public var entropy: Double
        public var memoryCharge: Double
        public var eveCharge: Double
        public var finiteSize: Double
        public var leakForward: Double
        public var leakBackward: Double
        /// Verification, accept flag and privacy amplification.
        public var overhead: Double
        public var authentication: Double
        /// Whole 256 bits, and net of authentication.
        public var secretBits: Int
        public var netBits: Int
        public var secureBitsPerProbe: Double
        public var bitsPerMinute: Double?
        public var keysEqual: Bool
        /// Why there is no key; empty where there is one.
        public var refused: [String]
    }

    public var baseline: Baseline
    public var paper: String
    public var summary: String
    public var pairs: Int
    public var commissioned: Int
    public var published: Published
    public var accounted: Accounted
    public var eveMeasured: Bool
    public var simulated: Bool
}
