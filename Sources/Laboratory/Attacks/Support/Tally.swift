// SPDX-License-Identifier: GPL-3.0-or-later
internal import Synchronization

/// A count that several tasks keep.
final class Tally: Sendable {
    private let count = Mutex(0)

    /// Adds one; how many there are then.
    @discardableResult
    func add() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }

    var value: Int { count.withLock { $0 } }
}
