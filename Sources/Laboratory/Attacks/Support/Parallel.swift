// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// Independent pieces of work over the machine's cores.
enum Parallel {
    /// Maps every item and combines the results in any order.
    static func reduce<Item: Sendable, Value: Sendable>(
        _ items: [Item], into start: Value, _ body: @escaping @Sendable (Item) async throws -> Value,
        combine: (inout Value, Value) -> Void
    ) async throws -> Value {
        let workers = max(1, min(ProcessInfo.processInfo.activeProcessorCount, items.count))
        var result = start
        try await withThrowingTaskGroup(of: [Value].self) { group in
            for worker in 0..<workers {
                group.addTask { @concurrent in
                    var values: [Value] = []
                    for index in stride(from: worker, to: items.count, by: workers) {
                        try Task.checkCancellation()
                        values.append(try await body(items[index]))
                    }
                    return values
                }
            }
            for try await values in group { for value in values { combine(&result, value) } }
        }
        return result
    }
}
