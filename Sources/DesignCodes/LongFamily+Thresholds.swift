// SPDX-License-Identifier: GPL-3.0-or-later

extension LongFamily {
    /// What density evolution says of every mother code, whole and with some of its rows cut in halves.
    static func printThresholds(steps: Int) {
        let evolution = DensityEvolution(steps: steps)
        for recipe in LongRecipe.all {
            for part in [0, 0.3, 0.6, 1] {
                let cuts = (Double(recipe.cuts) * part).rounded()
                let degrees = recipe.degrees.cut(cuts)
                let threshold = evolution.threshold(degrees, soft: recipe.isSoft)
                let channel = recipe.isSoft ? Channel.soft(threshold) : .hard(threshold)
                print(
                    recipe.name, "cuts", Int(cuts), "leak", degrees.leak, "corrects up to", threshold, "f",
                    degrees.leak / channel.entropy)
            }
        }
    }
}

extension Degrees {
    /// The same with some of the rows cut into halves.
    func cut(_ count: Double) -> Degrees {
        let all = rows.values.reduce(0, +)
        var cut: [Int: Double] = [:]
        for (degree, rows) in rows {
            cut[degree, default: 0] += rows * (1 - count / all)
            cut[degree / 2, default: 0] += rows * count / all
            cut[(degree + 1) / 2, default: 0] += rows * count / all
        }
        return Degrees(columns: columns, rows: cut)
    }
}
