// SPDX-License-Identifier: GPL-3.0-or-later
import Synchronization

/// A number of permits.
final class Counter: Sendable {
    private let left: Mutex<Int>

    init(_ permits: Int) { left = Mutex(permits) }

    /// Takes one, where one is left.
    func take() -> Bool {
        left.withLock { left in
            guard left > 0 else { return false }
            left -= 1
            return true
        }
    }
}

/// How often something happened.
final class Tally: Sendable {
    private let total = Mutex(0)

    var count: Int { total.withLock { $0 } }
    func add() { total.withLock { $0 += 1 } }
}
