// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// A model of failure: what becomes of a live channel.
public enum HealthFault: String, CaseIterable, Sendable, Codable {
    /// Nothing moves, from the beginning.
    case frozenAlways
    /// Nothing moves once the block begins.
    case frozenInBlock
    /// A blocker comes and goes every 16 pairs, from the beginning, over what is left of the fading.
    case blockedAlways
    /// The same once the block begins.
    case blockedInBlock
    /// A weak line, a third of the fading's spread, once the block begins.
    case lineInBlock
    /// The block runs the course of the commissioning part again.
    case repeated
    /// One pair in a hundred of the block is 20 dB louder than anything before.
    case loud
    /// The ends' captures are three pairs apart.
    case misaligned
    /// The ends don't hear the same channel.
    case independent
    /// The ends agree in the first half of the commissioning part and hardly in the second.
    case decorrelating
    /// The receiver reports one value, always.
    case constant
    /// The receiver sticks at its last value, in stretches of 100 pairs of the block.
    case sticking
    /// The fading is a quarter of each end's noise.
    case noise

    /// Whether the tests on published samples must find it, rather than those on keyed ones.
    public var isInCommissioning: Bool {
        switch self {
        case .frozenInBlock, .blockedInBlock, .lineInBlock, .repeated, .loud, .sticking: false
        default: true
        }
    }

    /// What happens, for a table.
    public var description: String {
        switch self {
        case .frozenAlways: "frozen from the beginning"
        case .frozenInBlock: "frozen once the block begins"
        case .blockedAlways: "blocked every 16 pairs from the beginning"
        case .blockedInBlock: "blocked every 16 pairs once the block begins"
        case .lineInBlock: "a weak line once the block begins"
        case .repeated: "the commissioning part runs again"
        case .loud: "one pair in 100 is 20 dB louder"
        case .misaligned: "captures three pairs apart"
        case .independent: "ends hear different channels"
        case .decorrelating: "ends come apart halfway through commissioning"
        case .constant: "a constant value"
        case .sticking: "the value sticks for 100 pairs at a time"
        case .noise: "fading a quarter of the noise"
        }
    }

    /// The scene with this fault.
    func planted(in scene: HealthScene, seed: UInt64) -> HealthScene {
        var scene = scene
        var random = ExperimentGenerator(seed: seed &+ 0x5EED)
        let first = scene.commissioned
        let all = scene.alice.indices
        let block = first..<scene.alice.count
        // Decibels of one end's noise beside a steady gain.
        let noise = 8.7 * 0.5.squareRoot() * pow(10, -scene.snr / 20)
        func each(_ rows: Range<Int>, _ change: (Int, Double) -> Double) {
            for row in rows {
                scene.alice[row] = change(row, scene.alice[row])
                scene.bob[row] = change(row, scene.bob[row])
            }
        }
        func noisy(_ rows: Range<Int>, _ value: (Int) -> Double) {
            for row in rows {
                scene.alice[row] = value(row) + noise * random.normal()
                scene.bob[row] = value(row) + noise * random.normal()
            }
        }
        func square(_ row: Int) -> Double { row / 8 % 2 == 0 ? 6 : -6 }
        switch self {
        case .frozenAlways: noisy(all) { _ in -3 }
        case .frozenInBlock: noisy(block) { _ in -3 }
        case .blockedAlways: each(all) { square($0) + 0.25 * $1 }
        case .blockedInBlock: each(block) { square($0) + 0.25 * $1 }
        case .lineInBlock: each(block) { $1 + 2.6 * sin(0.7 * Double($0)) }
        case .repeated:
            for row in block {
                scene.alice[row] = scene.alice[(row - first) % first] + noise * random.normal()
                scene.bob[row] = scene.bob[(row - first) % first] + noise * random.normal()
            }
        case .loud: each(block) { $0 % 100 == 50 ? 28 : $1 }
        case .misaligned: scene.bob = Array(scene.bob[3...]) + Array(scene.bob[..<3])
        case .independent: scene.bob = scene.bob.reversed()
        case .decorrelating:
            for row in first / 2..<first { scene.bob[row] = 0.4 * scene.bob[row] + 5 * random.normal() }
        case .constant: scene.alice = scene.alice.map { _ in -3 }
        case .sticking:
            each(block) { row, value in value }
            for row in block where row % 200 >= 100 {
                scene.alice[row] = scene.alice[row - row % 200 + 99]
                scene.bob[row] = scene.bob[row - row % 200 + 99]
            }
        case .noise:
            for row in all {
                scene.alice[row] = 0.25 * scene.alice[row] + 5.6 * random.normal()
                scene.bob[row] = 0.25 * scene.bob[row] + 5.6 * random.normal()
            }
        }
        return scene
    }
}
