// SPDX-License-Identifier: GPL-3.0-or-later

/// What both ends agreed on, before a block, about the real components that its symbols are made of.
///
/// Everything here comes from commissioning or sacrificed samples, never from keyed ones
/// (key length: Portmann–Renner style ledger; see Documentation/secrecy.md).
public struct ComponentModel: Sendable, Hashable, Codable {
    /// One real, normalized component of the channel: its symbol and what it is worth.
    public struct Component: Sendable, Hashable, Codable {
        /// A name for people, like "rssi" or "mode 3".
        public var name: String
        /// M, bits of a symbol.
        public var bits: Int
        /// B, bits of public helper data that go with each symbol; 0 for quantizers without.
        public var helperBits: Int
        /// Commissioned correlation ρ between the ends.
        public var correlation: Double
        /// Lower confidence bound of `correlation`.
        public var correlationLowerBound: Double
        /// R_UCB, the upper confidence bound of the multiple correlation with the past (and Eve where measured).
        public var memoryCorrelation: Double
        /// Charge for everything that the past tells, bits per symbol, upper bound.
        public var memoryCharge: Double
        /// Charge for everything that Eve knows, bits per symbol (c_E,k).
        public var eveCharge: Double
        /// Measured deficit of uniformity of symbol and helper data, bits per symbol, upper bound.
        public var deficit: Double
        /// Charge for handing Eve the whole error pattern, bits per symbol (c_err,k), upper bound.
        public var errorPatternCharge: Double
        /// Expected disagreement of each label bit, most significant first.
        public var errorRates: [Double]
        /// What the responder's sample leaves of each label bit, in bits, most significant first.
        public var softEntropies: [Double]

        public init(
            name: String, bits: Int, helperBits: Int, correlation: Double, correlationLowerBound: Double,
            memoryCorrelation: Double, memoryCharge: Double, eveCharge: Double, deficit: Double,
            errorPatternCharge: Double, errorRates: [Double], softEntropies: [Double]
        ) {
            self.name = name
            self.bits = bits
            self.helperBits = helperBits
            self.correlation = correlation
            self.correlationLowerBound = correlationLowerBound
            self.memoryCorrelation = memoryCorrelation
            self.memoryCharge = memoryCharge
            self.eveCharge = eveCharge
            self.deficit = deficit
            self.errorPatternCharge = errorPatternCharge
            self.errorRates = errorRates
            self.softEntropies = softEntropies
        }

        /// c_k: what one symbol is charged altogether, in bits.
        public var charge: Double { memoryCharge + eveCharge + deficit }
    }

    public var components: [Component]

    public init(components: [Component]) { self.components = components }
}
