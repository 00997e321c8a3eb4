// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// Eigenvalues and eigenvectors of a real symmetric matrix, largest eigenvalue first.
///
/// Householder tridiagonalization and implicit QL (EISPACK tred2 and tql2; Bowdler, Martin, Reinsch and
/// Wilkinson 1968). The same matrix gives the same bits on the same machine, and a fixed sign: of each vector
/// the first entry that reaches half of the largest magnitude is positive. Vectors of (nearly) equal
/// eigenvalues are a basis of their space, no more. O(n³).
public struct SymmetricEigen: Sendable {
    /// Descending.
    public let values: [Double]
    /// Column j belongs to `values[j]`; the columns are orthonormal.
    public let vectors: Matrix

    /// Reads the lower triangle. Nil where the matrix isn't square or isn't finite.
    public init?(_ matrix: Matrix) {
        guard matrix.rows == matrix.columns, matrix.isFinite else { return nil }
        let n = matrix.rows
        var v = Matrix(rows: n, columns: n) { matrix[max($0, $1), min($0, $1)] }
        var d = [Double](repeating: 0, count: n)
        var e = d
        if n > 0 {
            Self.tridiagonalize(&v, &d, &e)
            // QL works on rows: a rotation then touches two contiguous rows.
            v = v.transposed
            Self.diagonalize(&d, &e, vectors: &v)
        }
        let order = d.indices.sorted { d[$0] != d[$1] ? d[$0] > d[$1] : $0 < $1 }
        values = order.map { d[$0] }
        var sorted = Matrix(rows: n, columns: n)
        for (j, source) in order.enumerated() {
            let row = v.row(source)
            let largest = row.reduce(0) { max($0, abs($1)) }
            let sign: Double = (row.first { abs($0) >= 0.5 * largest } ?? 1) < 0 ? -1 : 1
            for (i, value) in row.enumerated() { sorted[i, j] = sign * value }
        }
        vectors = sorted
    }

    private static func tridiagonalize(_ v: inout Matrix, _ d: inout [Double], _ e: inout [Double]) {
        let n = d.count
        for j in 0..<n { d[j] = v[n - 1, j] }
        for i in stride(from: n - 1, to: 0, by: -1) {
            var scale = 0.0
            var h = 0.0
            for k in 0..<i { scale += abs(d[k]) }
            if scale == 0 {
                e[i] = d[i - 1]
                for j in 0..<i {
                    d[j] = v[i - 1, j]
                    v[i, j] = 0
                    v[j, i] = 0
                }
            } else {
                for k in 0..<i {
                    d[k] /= scale
                    h += d[k] * d[k]
                }
                var f = d[i - 1]
                var g = f > 0 ? -h.squareRoot() : h.squareRoot()
                e[i] = scale * g
                h -= f * g
                d[i - 1] = f - g
                for j in 0..<i { e[j] = 0 }
                for j in 0..<i {
                    f = d[j]
                    v[j, i] = f
                    g = e[j] + v[j, j] * f
                    for k in j + 1..<max(i, j + 1) {
                        g += v[k, j] * d[k]
                        e[k] += v[k, j] * f
                    }
                    e[j] = g
                }
                f = 0
                for j in 0..<i {
                    e[j] /= h
                    f += e[j] * d[j]
                }
                let hh = f / (h + h)
                for j in 0..<i { e[j] -= hh * d[j] }
                for j in 0..<i {
                    f = d[j]
                    g = e[j]
                    for k in j..<i { v[k, j] -= f * e[k] + g * d[k] }
                    d[j] = v[i - 1, j]
                    v[i, j] = 0
                }
            }
            d[i] = h
        }
        for i in 0..<n - 1 {
            v[n - 1, i] = v[i, i]
            v[i, i] = 1
            let h = d[i + 1]
            if h != 0 {
                for k in 0...i { d[k] = v[k, i + 1] / h }
                for j in 0...i {
                    var g = 0.0
                    for k in 0...i { g += v[k, i + 1] * v[k, j] }
                    for k in 0...i { v[k, j] -= g * d[k] }
                }
            }
            for k in 0...i { v[k, i + 1] = 0 }
        }
        for j in 0..<n {
            d[j] = v[n - 1, j]
            v[n - 1, j] = 0
        }
        v[n - 1, n - 1] = 1
        e[0] = 0
    }

    /// Implicit QL on a tridiagonal matrix: diagonal `d`, subdiagonal `e[1…]`; afterwards `d` holds the
    /// eigenvalues, unsorted. Row j of `vectors` (or no rows at all) is rotated along.
    static func diagonalize(_ d: inout [Double], _ e: inout [Double], vectors: inout Matrix) {
        let n = d.count
        let width = vectors.columns
        let wanted = vectors.rows == n
        for i in 1..<max(n, 1) { e[i - 1] = e[i] }
        e[n - 1] = 0
        var f = 0.0
        var test = 0.0
        for l in 0..<n {
            test = max(test, abs(d[l]) + abs(e[l]))
            var m = l
            while m < n - 1, abs(e[m]) > 0x1p-52 * test { m += 1 }
            if m > l {
                // A convergent iteration takes a handful of sweeps; the bound only guards against the absurd.
                for _ in 0..<200 {
                    var g = d[l]
                    var p = (d[l + 1] - g) / (2 * e[l])
                    var r = hypot(p, 1)
                    if p < 0 { r = -r }
                    d[l] = e[l] / (p + r)
                    d[l + 1] = e[l] * (p + r)
                    let next = d[l + 1]
                    var h = g - d[l]
                    for i in l + 2..<max(n, l + 2) { d[i] -= h }
                    f += h
                    p = d[m]
                    var c = 1.0
                    var c2 = c
                    var c3 = c
                    let el1 = e[l + 1]
                    var s = 0.0
                    var s2 = 0.0
                    for i in stride(from: m - 1, through: l, by: -1) {
                        c3 = c2
                        c2 = c
                        s2 = s
                        g = c * e[i]
                        h = c * p
                        r = hypot(p, e[i])
                        e[i + 1] = s * r
                        s = e[i] / r
                        c = p / r
                        p = c * d[i] - s * g
                        d[i + 1] = h + s * (c * g + s * d[i])
                        if wanted {
                            let a = i &* width
                            let b = a &+ width
                            for k in 0..<width {
                                let upper = vectors.elements[b &+ k]
                                let lower = vectors.elements[a &+ k]
                                vectors.elements[b &+ k] = s * lower + c * upper
                                vectors.elements[a &+ k] = c * lower - s * upper
                            }
                        }
                    }
                    p = -s * s2 * c3 * el1 * e[l] / next
                    e[l] = s * p
                    d[l] = c * p
                    if abs(e[l]) <= 0x1p-52 * test { break }
                }
            }
            d[l] += f
            e[l] = 0
        }
    }
}
