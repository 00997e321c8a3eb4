// SPDX-License-Identifier: GPL-3.0-or-later

/// One saying about the key over the public link: what kind, and how many bits it tells at the most.
public struct Disclosure: Sendable, Hashable {
    /// What was said. An open set: each stage names its own.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        public let name: String
        public init(_ name: String) { self.name = name }
        public var description: String { name }

        /// Says nothing that depends on the keyed samples: parameters, seeds, probe indices, published samples.
        public static let nothing = Kind("nothing")
        /// Helper data that the model proves free; the measured deficit is charged per symbol in the key length.
        public static let helperData = Kind("helperData")
        /// Block parities of Cascade.
        public static let parity = Kind("parity")
        /// LDPC syndromes and extension rows.
        public static let syndrome = Kind("syndrome")
        /// A hash of the key (verification).
        public static let verificationHash = Kind("verificationHash")
        /// An end's own key length.
        public static let length = Kind("length")
        /// Accepted or not.
        public static let outcome = Kind("outcome")
    }

    public let kind: Kind
    /// Bits about the key, an upper bound; log2 of the number of possible messages where it isn't whole.
    public let bits: Double
    /// True when the message is one of reconciliation (it belongs to leak_EC), else to the other leak.
    public let isReconciliation: Bool

    public init(_ kind: Kind, bits: Double, isReconciliation: Bool = false) {
        precondition(bits >= 0 && bits.isFinite, "a disclosure can't give bits back")
        self.kind = kind
        self.bits = bits
        self.isReconciliation = isReconciliation
    }

    /// A message that tells nothing about the key.
    public static let nothing = Disclosure(.nothing, bits: 0)
}
