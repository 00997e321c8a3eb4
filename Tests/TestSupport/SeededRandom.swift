// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Synchronization

/// SplitMix64: a small generator for tests, the same sequence for the same seed on every machine.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64
    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A random source with a seed, for tests only.
public final class SeededRandomSource: RandomSource {
    private let generator: Mutex<SplitMix64>
    public init(seed: UInt64) { generator = Mutex(SplitMix64(seed: seed)) }

    public func bytes(_ count: Int) throws(QWaveError) -> [UInt8] {
        generator.withLock { generator in (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        }
    }
}

/// A random source that always fails, for tests of refusal.
public struct FailingRandomSource: RandomSource {
    public init() {}
    public func bytes(_ count: Int) throws(QWaveError) -> [UInt8] {
        throw QWaveError(.noRandomness, "planted failure")
    }
}

extension BitString {
    /// Bits for a test, the same for the same seed.
    public static func seeded(count: Int, seed: UInt64) -> BitString {
        var generator = SplitMix64(seed: seed)
        return BitString(words: (0..<(count + 63) / 64).map { _ in generator.next() }, count: count)
    }
}
