// SPDX-License-Identifier: GPL-3.0-or-later

/// A random process of the simulator: each has a stream of its own, so that switching one on or off leaves
/// all others as they were.
enum RandomProcess: UInt64 {
    // Drawn from the channel's seed: what both ends' air and hardware share.
    case fading = 1
    case lineOfSight
    case turnaround
    case hardwareFilter
    case eveNearBob
    case eveNearAlice
    case eveLineOfSight
    case shadowing
    case oscillator
    // What attackers do.
    case injection = 32
    case replay
    case replayedChannel
    case surface
    case surfaceChannel
    case jamming
    case jammingSignal
    case trajectory
    // Drawn from an end's own seed.
    case noise = 64
    case phase
    case timing
    case loss
    case gainError
    case clock
    case clockJitter
    case reordering
    case duplication
}

/// Random numbers by counter: number i of a stream is a function of seed, process and i alone (SplitMix64's
/// output function on a Weyl sequence: Steele, Lea and Flood, OOPSLA 2014).
///
/// Reproducible, not secret: for simulations only.
struct SubStream: Sendable {
    private let key: UInt64

    /// - Parameter index: tells apart several processes of one kind: the tap, the end, the device.
    init(seed: UInt64, _ process: RandomProcess, index: Int = 0) {
        let first = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15 &* process.rawValue)
        key = Self.mix(first ^ (0xD1B5_4A32_D192_ED03 &* (UInt64(bitPattern: Int64(index)) &+ 1)))
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 64 uniform bits.
    @inline(__always)
    func word(_ counter: Int) -> UInt64 {
        Self.mix(key &+ 0x9E37_79B9_7F4A_7C15 &* (UInt64(bitPattern: Int64(counter)) &+ 1))
    }

    /// Uniform on [0, 1), a multiple of 2⁻⁵³.
    @inline(__always)
    func uniform(_ counter: Int) -> Double { Double(word(counter) >> 11) * 0x1p-53 }

    /// A circular complex Gaussian number of variance 1, by Box and Muller's method; takes counters 2i and 2i + 1.
    @inline(__always)
    func complexGaussian(_ counter: Int) -> Complex {
        let u = Double((word(counter &* 2) >> 11) &+ 1) * 0x1p-53
        let radius = (-Portable.log(u)).squareRoot()
        let (sin, cos) = Portable.sinCos(turns: uniform(counter &* 2 &+ 1))
        return Complex(radius * cos, radius * sin)
    }

    /// A real Gaussian number of variance 1; takes counters 2i and 2i + 1.
    func gaussian(_ counter: Int) -> Double { complexGaussian(counter).re * 2.0.squareRoot() }
}
