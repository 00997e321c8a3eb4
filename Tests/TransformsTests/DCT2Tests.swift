// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing
import Transforms

@Suite struct DCT2Tests {
    static let sizes = [1, 2, 3, 7, 8, 52, 64, 100]

    static func noise(_ count: Int, seed: UInt64) -> [Double] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in Double.random(in: -1...1, using: &random) }
    }

    /// Row u of the orthonormal type-II matrix.
    static func basis(_ u: Int, _ size: Int) -> [Double] {
        (0..<size).map { n in
            (u == 0 ? 1 / Double(size) : 2 / Double(size)).squareRoot()
                * cos(Double.pi * Double((2 * n + 1) * u) / Double(2 * size))
        }
    }

    static func naive(_ x: [Double], rows: Int, columns: Int) -> [Double] {
        let down = (0..<rows).map { basis($0, rows) }
        let across = (0..<columns).map { basis($0, columns) }
        var half = [Double](repeating: 0, count: rows * columns)
        for r in 0..<rows {
            for v in 0..<columns {
                half[r * columns + v] = (0..<columns).reduce(0) { $0 + across[v][$1] * x[r * columns + $1] }
            }
        }
        return (0..<rows * columns).map { i in
            (0..<rows).reduce(0) { $0 + down[i / columns][$1] * half[$1 * columns + i % columns] }
        }
    }

    static func distance(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).map { abs($0 - $1) }.max() ?? 0
    }

    @Test(arguments: sizes)
    func `one dimension equals the definition and comes back`(size: Int) {
        let x = Self.noise(size, seed: UInt64(size))
        let transform = DCT2(length: size)
        let result = transform.forward(x)
        #expect(Self.distance(result, Self.naive(x, rows: 1, columns: size)) < 1e-12)
        #expect(Self.distance(transform.inverse(result), x) < 1e-13)
    }

    @Test(arguments: [(1, 1), (2, 1), (1, 7), (3, 8), (64, 52), (7, 100), (52, 3)])
    func `two dimensions equal the definition and come back`(rows: Int, columns: Int) {
        let x = Self.noise(rows * columns, seed: UInt64(rows * 1000 + columns))
        let transform = DCT2(rows: rows, columns: columns)
        let result = transform.forward(x)
        #expect(Self.distance(result, Self.naive(x, rows: rows, columns: columns)) < 1e-11)
        #expect(Self.distance(transform.inverse(result), x) < 1e-13)
    }

    @Test(arguments: [(1, 8), (3, 7), (8, 13)])
    func `the transform's matrix is orthonormal`(rows: Int, columns: Int) {
        let transform = DCT2(rows: rows, columns: columns)
        let count = rows * columns
        let images = (0..<count).map { index -> [Double] in
            var unit = [Double](repeating: 0, count: count)
            unit[index] = 1
            return transform.forward(unit)
        }
        for i in 0..<count {
            for j in 0...i {
                let product = zip(images[i], images[j]).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(product - (i == j ? 1 : 0)) < 1e-12)
            }
        }
    }

    @Test func `memory that is not aligned gives the same answer`() {
        let transform = DCT2(length: 8)
        var x = Self.noise(9, seed: 3)
        let expected = transform.forward(Array(x[1...]))
        let first = x[0]
        unsafe x.withUnsafeMutableBufferPointer { buffer in
            var tail = unsafe MutableSpan(_unsafeElements: UnsafeMutableBufferPointer(rebasing: buffer[1...]))
            transform.forward(inPlace: &tail)
        }
        #expect(Self.distance(Array(x[1...]), expected) < 1e-15)
        #expect(x[0] == first)
    }
}
