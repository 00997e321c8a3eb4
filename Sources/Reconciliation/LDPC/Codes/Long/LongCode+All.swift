// SPDX-License-Identifier: GPL-3.0-or-later
// Written by `swift run -c release design-codes make`; not to be edited.

extension LongCode {
    /// All of them, by what they leak.
    public static let all: [LongCode] = [
        .rows52of512, .rows62of512, .rows75of512, .rows90of512, .rows107of512, .rows128of512, .rows153of512,
        .rows98of256, .rows117of256, .rows140of256,
    ]
}
