// SPDX-License-Identifier: GPL-3.0-or-later
import Statistics
import TestSupport
import Testing

@Suite struct LinearAlgebraTests {
    static func hilbert(_ n: Int) -> Matrix { Matrix(rows: n, columns: n) { 1 / Double($0 + $1 + 1) } }

    static func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
        var generator = SplitMix64(seed: seed)
        return Matrix(rows: rows, columns: columns) { _, _ in Double.random(in: -1...1, using: &generator) }
    }

    static func distance(_ a: Matrix, _ b: Matrix) -> Double {
        zip(a.elements, b.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    @Test func `products and transposes follow the definition`() {
        let a = Matrix([[1, 2, 3], [4, 5, 6]])
        let b = Matrix([[1, 0], [2, 1], [0, 3]])
        #expect(a * b == Matrix([[5, 11], [14, 23]]))
        #expect(a.transposed == Matrix([[1, 4], [2, 5], [3, 6]]))
        #expect(a * [1, 1, 1] == [6, 15])
        #expect(a + a - a == a)
    }

    @Test(arguments: [1, 2, 5, 40])
    func `a Cholesky factor rebuilds, solves and inverts`(n: Int) throws {
        let half = Self.random(n, n + 3, seed: UInt64(n))
        let matrix = half * half.transposed
        let cholesky = try #require(Cholesky(matrix))
        #expect(Self.distance(cholesky.factor * cholesky.factor.transposed, matrix) < 1e-12)
        let x = (0..<n).map { Double($0) - 1 }
        let solved = cholesky.solve(matrix * x)
        for i in 0..<n { #expect(abs(solved[i] - x[i]) < 1e-7) }
        #expect(Self.distance(cholesky.inverse * matrix, .identity(n)) < 1e-7)
    }

    @Test func `the log determinant of a Hilbert matrix is numpy's`() throws {
        let cholesky = try #require(Cholesky(Self.hilbert(6)))
        #expect(abs(cholesky.logDeterminant + 39.76620670622851) < 1e-8)
    }

    @Test func `matrices that aren't positive definite are refused`() {
        #expect(Cholesky(Matrix([[1, 2], [2, 1]])) == nil)
        #expect(Cholesky(Matrix([[1, 1], [1, 1]])) == nil)
        #expect(Cholesky(Matrix([[.nan, 0], [0, 1]])) == nil)
        #expect(Cholesky(Matrix([[1, 2, 3], [4, 5, 6]])) == nil)
        #expect(Cholesky(Matrix(rows: 0, columns: 0)) != nil)
    }

    @Test func `the eigenvalues of a Hilbert matrix are numpy's`() throws {
        let eigen = try #require(SymmetricEigen(Self.hilbert(6)))
        let expected = [
            1.618899858924339, 0.24236087057520933, 0.016321521319875815, 0.000615748354182639,
            1.257075712262841e-05, 1.0827994844532908e-07,
        ]
        for i in 0..<6 { #expect(abs(eigen.values[i] - expected[i]) < 1e-15) }
    }

    @Test(arguments: [1, 2, 3, 10, 64, 200])
    func `eigenvectors are orthonormal and rebuild the matrix`(n: Int) throws {
        let half = Self.random(n, n, seed: 7 + UInt64(n))
        let matrix = half + half.transposed
        let eigen = try #require(SymmetricEigen(matrix))
        let v = eigen.vectors
        #expect(Self.distance(v.transposed * v, .identity(n)) < 1e-12)
        let scaled = Matrix(rows: n, columns: n) { v[$0, $1] * eigen.values[$1] }
        #expect(Self.distance(scaled * v.transposed, matrix) < 1e-12 * Double(n))
        #expect(eigen.values == eigen.values.sorted(by: >))
    }

    @Test func `eigenvectors don't change sign with the sign of a start vector`() throws {
        let matrix = Matrix([[2, -1, 0], [-1, 2, -1], [0, -1, 2]])
        let eigen = try #require(SymmetricEigen(matrix))
        // Largest eigenvalue 2 + √2 with (½, −1/√2, ½).
        #expect(abs(eigen.values[0] - (2 + 2.0.squareRoot())) < 1e-14)
        #expect(abs(eigen.vectors[0, 0] - 0.5) < 1e-14)
        #expect(abs(eigen.vectors[1, 0] + 0.5.squareRoot()) < 1e-14)
        #expect(try #require(SymmetricEigen(matrix)).vectors == eigen.vectors)
    }

    @Test func `degenerate matrices have eigenvectors too`() throws {
        #expect(try #require(SymmetricEigen(.identity(5))).values == [1, 1, 1, 1, 1])
        let zero = try #require(SymmetricEigen(Matrix(rows: 4, columns: 4)))
        #expect(zero.values == [0, 0, 0, 0])
        let ones = try #require(SymmetricEigen(Matrix(rows: 8, columns: 8) { _, _ in 1 }))
        #expect(abs(ones.values[0] - 8) < 1e-13)
        #expect(SymmetricEigen(Matrix([[.infinity]])) == nil)
        #expect(SymmetricEigen(Matrix(rows: 0, columns: 0)) != nil)
    }

    @Test func `a regression has numpy's coefficients and R squared`() throws {
        let x = Matrix([
            [1, 2, 0], [2, 1, 1], [3, 5, 2], [4, 3, 3], [5, 8, 5], [6, 4, 8], [7, 9, 13], [8, 6, 21],
        ])
        let y: [Double] = [3, 1, 4, 1, 5, 9, 2, 6]
        let fit = try #require(
            Regression(regressors: x, targets: Matrix(rows: 8, columns: 2) { $1 == 0 ? y[$0] : x[$0, 1] }))
        for (i, expected) in [1.198092848857598, -0.2942821432746172, -0.1543614505498458].enumerated() {
            #expect(close(fit.coefficients[i, 0], expected, 1e-10))
        }
        #expect(close(fit.rSquared[0], 0.2764753869637713, 1e-11))
        #expect(close(fit.residualVariances[0], 4.7820454892863244, 1e-12))
        #expect(fit.rSquared[1] > 1 - 1e-12)
        #expect(fit.ridge == 0)
    }

    @Test func `dependent or constant regressors neither trap nor invent a correlation`() throws {
        let column = (0..<50).map { Double($0 * $0 % 17) }
        let twice = Matrix(rows: 50, columns: 2) { row, _ in column[row] }
        let target = Matrix(rows: 50, columns: 1) { row, _ in column[row] + Double(row % 3) }
        let one = try #require(
            Regression(regressors: Matrix(rows: 50, columns: 1, elements: column), targets: target))
        let two = try #require(Regression(regressors: twice, targets: target))
        #expect(two.ridge > 0)
        #expect(abs(one.rSquared[0] - two.rSquared[0]) < 1e-6)
        let constant = try #require(
            Regression(regressors: Matrix(rows: 50, columns: 1) { _, _ in 3 }, targets: target))
        #expect(constant.rSquared == [0])
        let still = try #require(
            Regression(regressors: twice, targets: Matrix(rows: 50, columns: 1) { _, _ in 5 }))
        #expect(still.rSquared == [0])
        #expect(Regression(regressors: Matrix([[.nan], [1]]), targets: Matrix([[1], [2]])) == nil)
    }
}
