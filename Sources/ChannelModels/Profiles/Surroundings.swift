// SPDX-License-Identifier: GPL-3.0-or-later

/// Places by name: the whole setting of a run in one word.
public enum Surroundings: String, Sendable, Codable, CaseIterable {
    case office, corridor, outdoor
    case quasiStatic = "quasi-static"
    case frozen

    /// What is there, for a person.
    public var summary: String {
        switch self {
        case .office: "TGn-D, 20 dB, somebody walks at 1 m/s with one of the ends"
        case .corridor: "TGn-C, 15 dB, walking at 1 m/s"
        case .outdoor: "TGn-F, 15 dB, walking fast at 5 km/h"
        case .quasiStatic:
            "TGn-D, 20 dB, both ends stand in sight of each other (K = 20 dB), people move: bell spectrum"
        case .frozen: "TGn-D, 20 dB, nothing moves: the honest key is 0 bits"
        }
    }

    /// The setting; bandwidth, rate, duration and seed are the simulator's usual ones.
    public var parameters: SimulationParameters {
        var result = SimulationParameters()
        switch self {
        case .office: break
        case .corridor:
            result.model = TGn.c.model
            result.snr = 15
        case .outdoor:
            result.model = TGn.f.model
            result.snr = 15
            result.speed = 5 / 3.6
        case .quasiStatic:
            result.spectrum = .bell
            // A bell of f_d = 0.93 Hz at 2.437 GHz: 0.41 km/h.
            result.speed = 0.41 / 3.6
            result.riceFactor = 20
        case .frozen: result.speed = 0
        }
        return result
    }
}
