// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Synchronization

/// Seeded random bytes for an attack that must run the same way again; never for a key that is kept.
final class ExperimentSource: RandomSource {
    private let generator: Mutex<ExperimentGenerator>

    init(seed: UInt64) { generator = Mutex(ExperimentGenerator(seed: seed)) }

    func bytes(_ count: Int) throws(QWaveError) -> [UInt8] {
        generator.withLock { generator in
            (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        }
    }
}
