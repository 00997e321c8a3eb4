// SPDX-License-Identifier: GPL-3.0-or-later

/// A hill climb over the degrees of a mother code's columns, judged by density evolution.
///
/// A step moves some columns to another degree, mostly with a second move that keeps the number of edges. It is
/// kept when fewer bits stay wrong at an error rate just beyond what the best so far corrects; each success moves
/// that rate up.
struct DegreeSearch {
    /// Degrees to choose from, ascending.
    var degrees = [2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 26]
    /// Flooding iterations allowed.
    var steps = 200
    /// Column blocks.
    var columns = 256
    /// Row blocks.
    var rows: Int
    var soft = false
    var seed: UInt64 = 1

    func run(from start: [Int: Double], trials: Int, report: (String) -> Void) -> [Int: Double] {
        var random = SplitMix(seed: seed)
        let evolution = DensityEvolution(steps: steps)
        var best = start
        var rate = evolution.threshold(Degrees(columns: best, rows: rows), soft: soft)
        func cost(_ columns: [Int: Double]) -> Double {
            let outcome = evolution.run(
                Degrees(columns: columns, rows: rows), soft ? .soft(rate) : .hard(rate))
            return outcome.error < evolution.wanted ? Double(outcome.steps - steps) : outcome.error
        }
        rate *= 1.001
        var lowest = cost(best)
        for trial in 0..<trials {
            var candidate = best
            let size = Double.random(in: 0.5...(trial < trials / 2 ? 10 : 4), using: &random)
            if Int.random(in: 0..<4, using: &random) == 0 {
                candidate[degrees.randomElement(using: &random)!, default: 0] -= size
                candidate[degrees.randomElement(using: &random)!, default: 0] += size
            } else {
                // From the middle one of three degrees to the outer two, or back, edges kept.
                let chosen = degrees.shuffled(using: &random)[..<3].sorted()
                let signed = Bool.random(using: &random) ? size : -size
                let part = Double(chosen[2] - chosen[1]) / Double(chosen[2] - chosen[0])
                candidate[chosen[1], default: 0] -= signed
                candidate[chosen[0], default: 0] += signed * part
                candidate[chosen[2], default: 0] += signed * (1 - part)
            }
            // Columns of degree 2 must fit into a chain without a cycle.
            guard candidate.values.allSatisfy({ $0 >= 0 }), candidate[2, default: 0] < Double(rows) else {
                continue
            }
            let found = cost(candidate)
            if found < lowest {
                best = candidate.filter { $0.value > 0 }
                lowest = found
                if found < 0 {
                    let better = evolution.threshold(Degrees(columns: best, rows: rows), soft: soft)
                    rate = better * 1.0007
                    lowest = cost(best)
                    let leak = Double(rows) / Double(columns)
                    let entropy = (soft ? Channel.soft(better) : .hard(better)).entropy
                    report("\(trial): \(better) f \(leak / entropy) \(best.sorted { $0.key < $1.key })")
                }
            }
        }
        return best
    }
}

/// SplitMix64: the same choices for the same seed on every machine.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
