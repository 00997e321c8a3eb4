// SPDX-License-Identifier: GPL-3.0-or-later
import Reconciliation

/// The files of the codes for long frames.
enum LongFamily {
    static let folder = "Sources/Reconciliation/LDPC/Codes/Long"

    /// Writes them, or only one mother code's.
    static func make(only name: String?) throws {
        var names: [String] = []
        for recipe in LongRecipe.all {
            names.append(recipe.name)
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
        let list = names.map { ".\($0)" }.joined(separator: ", ")
        let body = """
            extension LongCode {
                /// All of them, by what they leak.
                public static let all: [LongCode] = [\(list)]
            }
            """
        try ResourceFile.write(body, to: "\(folder)/LongCode+All.swift")
    }
}
