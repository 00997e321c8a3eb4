// SPDX-License-Identifier: GPL-3.0-or-later

/// Decoder of the two symbols of a signal field: 48 tones each, BPSK, interleaved, convolutional code of rate 1/2
/// (IEEE 802.11-2020, 17.3.5.6 and 17.3.5.7).
enum SignalDecoder {
    /// Which of a symbol's tones ±1 … ±26, ascending, carry data; the others are pilots at ±7 and ±21.
    static let dataTones: [Int] = {
        let tones = Array(-26...26).filter { $0 != 0 }
        return tones.indices.filter { abs(tones[$0]) != 7 && abs(tones[$0]) != 21 }
    }()

    /// Parities of a state of the six bits before and the new one, the newest highest.
    private static let outputs: [(Bool, Bool)] = (0..<128).map { register in
        // Generators 133 and 171, octal, the newest bit first.
        ((register & 0o133).nonzeroBitCount % 2 == 1, (register & 0o171).nonzeroBitCount % 2 == 1)
    }

    /// The bits that were most likely sent, from zero state to zero state.
    ///
    /// - Parameter soft: one symbol after the other, a likelihood for each data tone, positive for one.
    /// - Precondition: whole symbols of 48.
    static func bits(soft: [Float]) -> [Bool] {
        precondition(soft.count % 48 == 0, "symbols of a signal field have 48 data tones")
        let steps = soft.count / 2
        var metrics = [Float](repeating: -.infinity, count: 64)
        metrics[0] = 0
        // Whether the better way into a state came from its predecessor whose oldest bit is one.
        var choices = [Bool](repeating: false, count: 64 * steps)
        for step in 0..<steps {
            let first = likelihood(soft, 2 * step)
            let second = likelihood(soft, 2 * step + 1)
            var next = metrics
            for state in 0..<64 {
                func metric(_ oldest: Int) -> Float {
                    // The register holds the newest bit highest; its six highest bits are the new state.
                    let register = state << 1 | oldest
                    let output = outputs[register]
                    return metrics[register & 63] + (output.0 ? first : -first)
                        + (output.1 ? second : -second)
                }
                let (zero, one) = (metric(0), metric(1))
                choices[64 * step + state] = one > zero
                next[state] = max(zero, one)
            }
            metrics = next
        }
        var state = 0
        var bits = [Bool](repeating: false, count: steps)
        for step in (0..<steps).reversed() {
            bits[step] = state & 32 != 0
            state = state << 1 & 63 | (choices[64 * step + state] ? 1 : 0)
        }
        return bits
    }

    /// Of code bit `place`, from where the interleaver put it.
    private static func likelihood(_ soft: [Float], _ place: Int) -> Float {
        let inner = place % 48
        return soft[place - inner + 3 * (inner % 16) + inner / 16]
    }
}
