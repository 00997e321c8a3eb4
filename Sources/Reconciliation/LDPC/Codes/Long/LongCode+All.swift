// SPDX-License-Identifier: GPL-3.0-or-later
// Written by `swift run -c release design-codes make`; not to be edited.

extension LongCode {
    /// Those for hard bits, by what they leak.
    public static let hard: [LongCode] = [
        .rows52of512,
        .rows62of512,
        .rows75of512,
        .rows90of512,
        .rows107of512,
        .rows128of512,
        .rows153of512,
        .rows98of256,
        .rows117of256,
        .rows140of256,
    ]
    /// Those for log-likelihoods, by what they leak.
    public static let soft: [LongCode] = [
        .softRows40of128,
        .softRows47of128,
        .softRows54of128,
        .softRows65of128,
        .softRows73of128,
        .softRows80of128,
        .softRows90of128,
        .softRows22of256,
        .softRows29of256,
        .softRows36of256,
        .softRows47of256,
        .softRows65of256,
        .softRows80of256,
        .softRows93of256,
        .softRows108of256,
        .softRows130of256,
        .softRows145of256,
        .softRows159of256,
        .softRows180of256,
        .softRows33of384,
        .softRows44of384,
        .softRows54of384,
        .softRows70of384,
        .softRows98of384,
        .softRows120of384,
        .softRows140of384,
        .softRows162of384,
        .softRows195of384,
        .softRows218of384,
        .softRows238of384,
        .softRows270of384,
    ]
    public static let all = hard + soft
}
