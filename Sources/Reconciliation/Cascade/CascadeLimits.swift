// SPDX-License-Identifier: GPL-3.0-or-later

/// Where a run gives up.
struct CascadeLimits: Sendable {
    /// Parities that may be asked at the most.
    var parities: Int
    /// Messages each way at the most.
    var rounds: Int
}
