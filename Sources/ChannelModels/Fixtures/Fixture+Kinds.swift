// SPDX-License-Identifier: GPL-3.0-or-later

extension Fixture.Kind {
    /// What the attacker does and what she knows of it, for a person.
    public var summary: String {
        switch self {
        case .injector:
            "replaces what both ends receive by a signal of hers, in a share of the rounds; she knows it"
        case .replay:
            "sends recorded probes again, through her own channel to each end: in place of the true ones under valid "
                + "numbers, or behind them under old ones"
        case .blocker: "cuts the line of sight for half of each period, as a gate that somebody else drives"
        case .contamination:
            "sends the victim's pilot at the same time: her channel to each end adds to what it measures"
        case .surface:
            "a reconfigurable surface turns its reflection from pair to pair by a pattern that she knows"
        case .frozen: "the channel stands still from some moment on; only noise changes"
        case .jammer: "bursts of noise over the probes, at both ends"
        case .mobility:
            "the moving end runs the same course again and again: a share of the channel's power repeats, and she "
                + "has it from an earlier lap"
        case .eveIsBob: "the null control: her capture is the ends' own, noise and all"
        }
    }

    public var options: [Fixture.Option] {
        let fraction = Fixture.Option(
            name: "fraction", standard: 0.1, range: 0...1, summary: "share of the rounds")
        return switch self {
        case .injector:
            [
                fraction,
                .init(name: "level", standard: 6, range: -60...60, summary: "dB over the channel's power"),
            ]
        case .replay:
            [
                fraction,
                .init(name: "age", standard: 100, range: 1...1e6, summary: "pairs since it was recorded"),
                .init(
                    name: "valid", standard: 1, range: 0...1,
                    summary: "1 under valid numbers, 0 under old ones"),
            ]
        case .blocker:
            [
                .init(name: "period", standard: 2, range: 1e-3...1e6, summary: "s"),
                .init(name: "depth", standard: 20, range: 0...100, summary: "dB"),
            ]
        case .contamination:
            [.init(name: "level", standard: 0, range: -60...60, summary: "dB over the channel's power")]
        case .surface:
            [
                .init(name: "level", standard: 6, range: -60...60, summary: "dB over the channel's power"),
                .init(
                    name: "reciprocal", standard: 1, range: 0...1,
                    summary: "1: both directions see one pattern; 0: each its own"),
            ]
        case .frozen: [.init(name: "from", standard: 0, range: 0...1e8, summary: "s")]
        case .jammer:
            [
                .init(name: "duty", standard: 0.1, range: 0...1, summary: "share of the time"),
                .init(name: "level", standard: 0, range: -60...60, summary: "dB over the channel's power"),
                .init(name: "burst", standard: 10, range: 1...1e6, summary: "pairs in a burst"),
            ]
        case .mobility:
            [
                .init(name: "period", standard: 5, range: 1e-3...1e6, summary: "s a lap"),
                .init(name: "share", standard: 1, range: 0...1, summary: "of the diffuse power"),
            ]
        case .eveIsBob: []
        }
    }
}
