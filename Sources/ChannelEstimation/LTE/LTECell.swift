// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// What a receiver must know of an LTE cell to read its reference signals.
public struct LTECell: Sendable, Hashable {
    /// Guard interval in front of each symbol (3GPP TS 36.211, table 6.12-1).
    public enum CyclicPrefix: String, Sendable, Codable, CaseIterable {
        /// Seven symbols a slot.
        case normal
        /// Six symbols a slot.
        case extended

        var symbols: Int { self == .normal ? 7 : 6 }
    }

    /// Frame structure, by which the synchronization signals stand in other places (4.1, 4.2).
    public enum Duplex: String, Sendable, Codable, CaseIterable {
        case fdd, tdd
    }

    /// N_ID, 0 to 503.
    public let identity: Int
    public let cyclicPrefix: CyclicPrefix
    public let duplex: Duplex
    /// Antenna ports with cell-specific reference signals that are read: 1 or 2. Ports 2 and 3 aren't.
    public let ports: Int

    /// - Throws: `.usage` for an identity or a number of ports that can't be.
    public init(
        identity: Int, cyclicPrefix: CyclicPrefix = .normal, duplex: Duplex = .fdd, ports: Int = 1
    ) throws(QWaveError) {
        guard (0...503).contains(identity) else {
            throw QWaveError(.usage, "a cell identity is 0 to 503, not \(identity)")
        }
        guard ports == 1 || ports == 2 else {
            throw QWaveError(.usage, "\(ports) antenna ports can't be read; there are 1 or 2")
        }
        self.identity = identity
        self.cyclicPrefix = cyclicPrefix
        self.duplex = duplex
        self.ports = ports
    }

    /// N_ID(1), 0 to 167.
    public var group: Int { identity / 3 }
    /// N_ID(2), 0 to 2.
    public var sector: Int { identity % 3 }
}
