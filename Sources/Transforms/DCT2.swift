// SPDX-License-Identifier: GPL-3.0-or-later
internal import CFFTW

/// The orthonormal discrete cosine transform of one size, in one or two dimensions: type II forward, its
/// inverse (type III) backward.
///
/// C[u] = a(u)·Σ x[n]·cos(π(2n + 1)u/(2N)) with a(0) = √(1/N), a(u) = √(2/N), along rows and along columns.
/// The transform is orthogonal: energy is kept, and `inverse` is the transpose of `forward`. Values lie row
/// after row. Planned once, executed from any task at the same time. O(N log N).
///
/// ```swift
/// let transform = DCT2(rows: 64, columns: 52)
/// let coefficients = transform.forward(block)  // block.count must be 64·52
/// ```
public struct DCT2: Sendable {
    public let rows: Int
    public let columns: Int
    private let typeTwo: RealPlan
    private let typeThree: RealPlan
    // FFTW's types II and III are unscaled; these factors make each axis orthonormal.
    private let rowScale: [Double]
    private let columnScale: [Double]

    /// A transform over a block of `rows × columns` values.
    ///
    /// - Precondition: both are positive and their product fits in 31 bits.
    public init(rows: Int, columns: Int, effort: PlanningEffort = .estimate) {
        precondition(rows > 0 && columns > 0, "a transform has at least one row and one column")
        precondition(
            rows.multipliedReportingOverflow(by: columns).overflow == false
                && rows * columns <= Int(Int32.max),
            "a transform has at most 2³¹ − 1 values")
        self.rows = rows
        self.columns = columns
        typeTwo = RealPlan(rows: rows, columns: columns, kind: FFTW_REDFT10, effort: effort)
        typeThree = RealPlan(rows: rows, columns: columns, kind: FFTW_REDFT01, effort: effort)
        func scale(_ size: Int) -> [Double] {
            let first = (1 / Double(4 * size)).squareRoot()
            let other = (1 / Double(2 * size)).squareRoot()
            return (0..<size).map { $0 == 0 ? first : other }
        }
        // A single row is planned in one dimension, so nothing is scaled along it.
        rowScale = rows == 1 ? [1] : scale(rows)
        columnScale = scale(columns)
    }

    /// A transform of `length` values in one dimension.
    public init(length: Int, effort: PlanningEffort = .estimate) {
        self.init(rows: 1, columns: length, effort: effort)
    }

    /// How many values a block holds.
    public var count: Int { rows * columns }

    /// The coefficients of `values`, the constant one first.
    ///
    /// - Precondition: `values.count == count`.
    public func forward(_ values: [Double]) -> [Double] {
        var result = values
        forward(inPlace: &result)
        return result
    }

    /// The values of `coefficients`.
    ///
    /// - Precondition: `coefficients.count == count`.
    public func inverse(_ coefficients: [Double]) -> [Double] {
        var result = coefficients
        inverse(inPlace: &result)
        return result
    }

    /// Replaces values by their coefficients.
    public func forward(inPlace values: inout [Double]) {
        precondition(values.count == count, "the transform takes \(count) values")
        var span = values.mutableSpan
        forward(inPlace: &span)
    }

    /// Replaces coefficients by their values.
    public func inverse(inPlace coefficients: inout [Double]) {
        precondition(coefficients.count == count, "the transform takes \(count) values")
        var span = coefficients.mutableSpan
        inverse(inPlace: &span)
    }

    /// Replaces values by their coefficients, where they lie.
    public func forward(inPlace values: inout MutableSpan<Double>) {
        precondition(values.count == count, "the transform takes \(count) values")
        execute(typeTwo, &values)
        for row in 0..<rows {
            for column in 0..<columns {
                values[row &* columns &+ column] *= rowScale[row] * columnScale[column]
            }
        }
    }

    /// Replaces coefficients by their values, where they lie.
    public func inverse(inPlace coefficients: inout MutableSpan<Double>) {
        precondition(coefficients.count == count, "the transform takes \(count) values")
        // Type III counts its first input once and all others twice: the constant term's factor is doubled.
        for row in 0..<rows {
            let down = rowScale[row] * (row == 0 && rows > 1 ? 2 : 1)
            for column in 0..<columns {
                coefficients[row &* columns &+ column] *= down * columnScale[column] * (column == 0 ? 2 : 1)
            }
        }
        execute(typeThree, &coefficients)
    }

    private func execute(_ plan: RealPlan, _ values: inout MutableSpan<Double>) {
        unsafe values.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { unsafe plan.execute(base) }
        }
    }
}
