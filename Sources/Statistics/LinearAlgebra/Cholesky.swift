// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// The factor L of a symmetric positive definite matrix A = L Lᵀ.
public struct Cholesky: Sendable {
    /// L, lower triangular.
    public let factor: Matrix

    /// Nil where the matrix isn't square, isn't finite, or isn't positive definite to working precision.
    /// Only the lower triangle is read. O(n³/3).
    public init?(_ matrix: Matrix) {
        guard matrix.rows == matrix.columns else { return nil }
        let n = matrix.rows
        var l = Matrix(rows: n, columns: n)
        for i in 0..<n {
            for j in 0...i {
                var sum = matrix[i, j]
                let a = i &* n
                let b = j &* n
                for k in 0..<j { sum -= l.elements[a &+ k] * l.elements[b &+ k] }
                if i == j {
                    // A pivot that is lost in rounding makes every later answer noise.
                    guard sum.isFinite, sum > Double.ulpOfOne * Double(n) * abs(matrix[i, i]) else {
                        return nil
                    }
                    l[i, i] = sum.squareRoot()
                } else {
                    l[i, j] = sum / l[j, j]
                }
            }
        }
        factor = l
    }

    public var size: Int { factor.rows }

    /// ln det A.
    public var logDeterminant: Double {
        var sum = 0.0
        for i in 0..<size { sum += log(factor[i, i]) }
        return 2 * sum
    }

    /// L⁻¹ b.
    public func solveLower(_ b: [Double]) -> [Double] {
        precondition(b.count == size, "vector doesn't fit the matrix")
        let n = size
        var x = b
        for i in 0..<n {
            var sum = x[i]
            for k in 0..<i { sum -= factor.elements[i &* n &+ k] * x[k] }
            x[i] = sum / factor[i, i]
        }
        return x
    }

    /// A⁻¹ b.
    public func solve(_ b: [Double]) -> [Double] {
        let n = size
        var x = solveLower(b)
        for i in stride(from: n - 1, through: 0, by: -1) {
            var sum = x[i]
            for k in i + 1..<max(n, i + 1) { sum -= factor.elements[k &* n &+ i] * x[k] }
            x[i] = sum / factor[i, i]
        }
        return x
    }

    /// A⁻¹ B, column by column.
    public func solve(_ b: Matrix) -> Matrix {
        precondition(b.rows == size, "matrix doesn't fit")
        var result = Matrix(rows: b.rows, columns: b.columns)
        for j in 0..<b.columns {
            let x = solve(b.column(j))
            for i in 0..<b.rows { result[i, j] = x[i] }
        }
        return result
    }

    /// A⁻¹.
    public var inverse: Matrix { solve(Matrix.identity(size)) }
}
