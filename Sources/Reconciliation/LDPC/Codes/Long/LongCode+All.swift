// SPDX-License-Identifier: GPL-3.0-or-later
// Written by `swift run -c release design-codes make`; not to be edited.

extension LongCode {
    /// All of them, by what they leak.
    public static let all: [LongCode] = [.rows117of256]
}
