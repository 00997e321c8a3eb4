// SPDX-License-Identifier: GPL-3.0-or-later

/// Real features of one end: a row for each probe pair, a column for each feature.
public struct FeatureMatrix: Sendable, Hashable {
    public let rows: Int
    public let columns: Int
    /// Row after row.
    public var values: [Float]

    public init(rows: Int, columns: Int, values: [Float]) {
        precondition(values.count == rows * columns, "values don't fill the matrix")
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    @inlinable public subscript(row: Int, column: Int) -> Float { values[row * columns + column] }

    /// One feature over time.
    public func column(_ index: Int) -> [Double] { (0..<rows).map { Double(values[$0 * columns + index]) } }

    /// The rows of a range.
    public func slice(_ range: Range<Int>) -> FeatureMatrix {
        FeatureMatrix(
            rows: range.count, columns: columns,
            values: Array(values[range.lowerBound * columns..<range.upperBound * columns]))
    }
}
