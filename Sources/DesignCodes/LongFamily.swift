// SPDX-License-Identifier: GPL-3.0-or-later
import Reconciliation

/// The files of the codes for long frames.
enum LongFamily {
    static let folder = "Sources/Reconciliation/LDPC/Codes/Long"

    /// Writes them, or only one mother code's.
    static func make(only name: String?) throws {
        for recipe in LongRecipe.all {
            if let name, name != recipe.name { continue }
            let (graph, code) = try recipe.make()
            print(
                recipe.name, "short cycles at lift \(recipe.smallest):", graph.shortCycles, "rows",
                graph.rowDegrees)
            let text = ResourceFile.literal(code.resource, indent: String(repeating: " ", count: 12))
            let body = """
                extension LongCode {
                    static let \(recipe.name) = LongCode(
                        columns: \(recipe.columnCount), rows: \(recipe.rows), levels: \(recipe.cuts), smallestLift: \(recipe.smallest),
                        text: \(text))
                }
                """
            try ResourceFile.write(body, to: "\(folder)/LongCode+\(recipe.name).swift")
        }
        func list(_ recipes: [LongRecipe]) -> String {
            recipes.map { "        .\($0.name)," }.joined(separator: "\n")
        }
        let body = """
            extension LongCode {
                /// Those for hard bits, by what they leak.
                public static let hard: [LongCode] = [
            \(list(LongRecipe.hard))
                ]
                /// Those for log-likelihoods, by what they leak.
                public static let soft: [LongCode] = [
            \(list(LongRecipe.soft))
                ]
                public static let all = hard + soft
            }
            """
        try ResourceFile.write(body, to: "\(folder)/LongCode+All.swift")
    }
}
