// SPDX-License-Identifier: GPL-3.0-or-later

/// A dense real matrix, row after row.
public struct Matrix: Sendable, Hashable {
    public let rows: Int
    public let columns: Int
    /// The entries, row after row; `rows` × `columns` of them.
    public var elements: [Double]

    /// A matrix of zeros.
    public init(rows: Int, columns: Int) {
        precondition(rows >= 0 && columns >= 0, "a matrix can't have a negative size")
        self.rows = rows
        self.columns = columns
        elements = [Double](repeating: 0, count: rows * columns)
    }

    /// - Precondition: `elements.count == rows * columns`.
    public init(rows: Int, columns: Int, elements: [Double]) {
        precondition(
            rows >= 0 && columns >= 0 && elements.count == rows * columns, "elements don't fit the size")
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    /// A matrix from its entries by (row, column).
    public init(rows: Int, columns: Int, _ entry: (Int, Int) -> Double) {
        self.init(rows: rows, columns: columns)
        for i in 0..<rows { for j in 0..<columns { elements[i * columns + j] = entry(i, j) } }
    }

    /// - Precondition: all rows have the same length.
    public init(_ rows: [[Double]]) {
        self.init(rows: rows.count, columns: rows.first?.count ?? 0, elements: rows.flatMap { $0 })
    }

    public static func identity(_ size: Int) -> Matrix {
        Matrix(rows: size, columns: size) { $0 == $1 ? 1 : 0 }
    }

    @inlinable public subscript(row: Int, column: Int) -> Double {
        get { elements[row * columns + column] }
        set { elements[row * columns + column] = newValue }
    }

    public func row(_ index: Int) -> ArraySlice<Double> {
        elements[index * columns..<(index + 1) * columns]
    }

    public func column(_ index: Int) -> [Double] { (0..<rows).map { self[$0, index] } }

    public var transposed: Matrix { Matrix(rows: columns, columns: rows) { self[$1, $0] } }
    public var isFinite: Bool { elements.allSatisfy(\.isFinite) }

    public static func * (a: Matrix, b: Matrix) -> Matrix {
        precondition(a.columns == b.rows, "matrices don't fit for a product")
        var result = Matrix(rows: a.rows, columns: b.columns)
        let width = b.columns
        for i in 0..<a.rows {
            for k in 0..<a.columns {
                let factor = a.elements[i &* a.columns &+ k]
                if factor == 0 { continue }
                let source = k &* width
                let target = i &* width
                for j in 0..<width { result.elements[target &+ j] += factor * b.elements[source &+ j] }
            }
        }
        return result
    }

    public static func * (a: Matrix, x: [Double]) -> [Double] {
        precondition(a.columns == x.count, "vector doesn't fit the matrix")
        return (0..<a.rows).map { i in
            var sum = 0.0
            for j in 0..<a.columns { sum += a.elements[i * a.columns + j] * x[j] }
            return sum
        }
    }

    public static func + (a: Matrix, b: Matrix) -> Matrix {
        precondition(a.rows == b.rows && a.columns == b.columns, "matrices of different sizes")
        return Matrix(rows: a.rows, columns: a.columns, elements: zip(a.elements, b.elements).map { $0 + $1 })
    }

    public static func - (a: Matrix, b: Matrix) -> Matrix {
        precondition(a.rows == b.rows && a.columns == b.columns, "matrices of different sizes")
        return Matrix(rows: a.rows, columns: a.columns, elements: zip(a.elements, b.elements).map { $0 - $1 })
    }

    /// The entries at the given rows and columns.
    public func selecting(rows: [Int], columns: [Int]) -> Matrix {
        Matrix(rows: rows.count, columns: columns.count) { self[rows[$0], columns[$1]] }
    }

    /// Sample covariance of the columns (divided by the number of rows), means removed.
    public var covariance: Matrix {
        guard rows > 0 else { return Matrix(rows: columns, columns: columns) }
        var means = [Double](repeating: 0, count: columns)
        for i in 0..<rows { for j in 0..<columns { means[j] += self[i, j] } }
        for j in 0..<columns { means[j] /= Double(rows) }
        var result = Matrix(rows: columns, columns: columns)
        var centered = means
        for i in 0..<rows {
            for j in 0..<columns { centered[j] = elements[i &* columns &+ j] - means[j] }
            for j in 0..<columns {
                let factor = centered[j]
                let target = j &* columns
                for k in 0...j { result.elements[target &+ k] += factor * centered[k] }
            }
        }
        for j in 0..<columns {
            for k in 0...j {
                let value = result[j, k] / Double(rows)
                result[j, k] = value
                result[k, j] = value
            }
        }
        return result
    }
}
