// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// Gains that paths inside the guard interval can make, and what lies beside them.
///
/// An orthonormal basis of the responses of paths from −8·m to 16·m samples: paths of any fraction of a sample
/// in between lie in it to −60 dB. What a measurement has outside is noise, or what acts like noise: the phase of
/// both carriers wandering within a symbol spreads each tone over its neighbors, alike in repeated symbols, so
/// that their difference doesn't show it.
struct DelayWindow: Sendable {
    /// [direction][tone]
    private let basis: [[IQ]]
    private let tones: Int

    init(_ preamble: LegacyPreamble) {
        let parts = preamble.width.parts
        tones = preamble.tones.count
        var basis: [[IQ]] = []
        for delay in -8 * parts...16 * parts {
            var vector = preamble.tones.map {
                Phase.turn(-2 * .pi * Double($0 * delay) / Double(preamble.width.fftLength))
            }
            let whole = Self.norm(vector)
            // Twice, for the first time leaves rounding.
            for _ in 0..<2 { for direction in basis { Self.remove(direction, &vector) } }
            let left = Self.norm(vector)
            guard left > 0.05 * whole else { continue }
            basis.append(vector.map { $0 * (1 / left) })
        }
        self.basis = basis
    }

    /// Power of the noise in one gain, from what the window doesn't explain.
    func noiseVariance(_ gains: [IQ]) -> Double {
        var rest = gains
        for direction in basis { Self.remove(direction, &rest) }
        return rest.reduce(0.0) { $0 + Double($1.power) } / Double(tones - basis.count)
    }

    private static func norm(_ vector: [IQ]) -> Float {
        Float(vector.reduce(0.0) { $0 + Double($1.power) }.squareRoot())
    }

    private static func remove(_ direction: [IQ], _ vector: inout [IQ]) {
        var inner = IQ.zero
        for (a, b) in zip(direction, vector) { inner = inner + a.conjugate * b }
        for index in vector.indices { vector[index] = vector[index] - inner * direction[index] }
    }
}
