// SPDX-License-Identifier: GPL-3.0-or-later
public import Foundation

/// How long an attack runs and what it draws from.
public struct AttackSetting: Sendable {
    public enum Length: String, Sendable, CaseIterable, Codable {
        /// For every change: the whole suite in minutes.
        case quick
        case standard
        /// Before a release.
        case long
    }

    public var length: Length
    /// Everything random follows from it.
    public var seed: UInt64
    /// A folder of recorded captures; attacks on recorded traces are skipped without.
    public var captures: URL?
    /// Told the share of the attack that is done.
    public var progress: @Sendable (Double) -> Void

    public init(
        length: Length = .standard, seed: UInt64 = 1, captures: URL? = nil,
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) {
        self.length = length
        self.seed = seed
        self.captures = captures
        self.progress = progress
    }

    /// One of three values, by length.
    func pick<Value>(_ quick: Value, _ standard: Value, _ long: Value) -> Value {
        switch length {
        case .quick: quick
        case .standard: standard
        case .long: long
        }
    }

    /// A seed of its own for the part `index` of an attack.
    func seed(_ index: Int) -> UInt64 { (seed &+ UInt64(index)) &* 0x9E37_79B9_7F4A_7C15 | 1 }
}
