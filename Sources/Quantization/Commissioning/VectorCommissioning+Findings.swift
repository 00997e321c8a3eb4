// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

extension VectorCommissioning {
    /// Fills in what the chosen components, or the strongest where there are none, show of the channel.
    func examine(
        _ choices: [Choice], _ rawA: [[Double]], _ rawB: [[Double]], _ x: [[Double]], _ y: [[Double]],
        _ usable: [Int],
        step: Int, _ findings: inout Commissioning.Findings
    ) {
        let chosen = choices.compactMap { choice in usable.firstIndex(of: choice.source) }
        let watched = chosen.isEmpty ? Array(usable.indices.prefix(4)) : chosen
        func mean(_ f: (Int) -> Double) -> Double {
            watched.isEmpty ? 0 : watched.reduce(0) { $0 + f($1) } / Double(watched.count)
        }
        let peak = (-3...3).max { l, r in
            mean { Series.crossCorrelation(x[$0], y[$0], lag: l) }
                < mean { Series.crossCorrelation(x[$0], y[$0], lag: r) }
        }
        findings.alignmentLag = peak ?? 0
        let half = (x.first?.count ?? 0) / 2
        findings.alignment = mean { Series.correlation(Array(x[$0][..<half]), Array(y[$0][..<half])) }
        findings.alignmentSecondHalf = mean {
            Series.correlation(Array(x[$0][half...]), Array(y[$0][half...]))
        }
        for index in watched {
            let (a, b) = (rawA[usable[index]], rawB[usable[index]])
            let r = Series.correlation(a, b)
            let power = Series.variance(a)
            findings.diffusePower += power * r * r
            findings.noisePower += power * (1 - r * r)
        }
        findings.predictability = mean { index in
            let r = Series.crossCorrelation(x[index], x[index], lag: step)
            return r * r
        }
        findings.informationPerRow = choices.reduce(0) { $0 + SampleStatistics.information($1.correlation) }
    }
}
