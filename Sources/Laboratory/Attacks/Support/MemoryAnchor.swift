// SPDX-License-Identifier: GPL-3.0-or-later
internal import OneTimePad
internal import QWaveCore
internal import Synchronization

/// An anchor that outlives whatever happens to the disks of an experiment.
final class MemoryAnchor: RollbackAnchor {
    private let noted = Mutex<[String: UInt64]>([:])

    func generation(of pad: String) throws(QWaveError) -> UInt64? { noted.withLock { $0[pad] } }
    func advance(_ pad: String, to generation: UInt64) throws(QWaveError) {
        noted.withLock { $0[pad] = generation }
    }
}
