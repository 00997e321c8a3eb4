// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// How both ends bring blocks of snapshots to one phase track, and what becomes of them: public, part of the plan.
public struct SynchronizedPlan: Sendable, Hashable, Codable {
    /// One complex coefficient of a block: a mode of the initiator's and a bin of the transform over time.
    public struct Member: Sendable, Hashable, Codable {
        public var mode: Int
        public var bin: Int
    }

    public var law: DopplerLaw
    public var initiator: SynchronizationModel
    public var responder: SynchronizationModel
    /// The responder's linear prediction of the initiator's modes: a row for each of hers, a column for each of his.
    public var projectionReal: [[Double]]
    public var projectionImaginary: [[Double]]
    /// Bins of the Karhunen–Loève transform over time, strongest first.
    public var bins: Int
    /// The initiator publishes these coefficients of each block; they fix its phase and are never keyed. None where a
    /// line of sight does.
    public var references: [Member]
    /// The members that share each component's model: a block gives two symbols a member.
    public var classes: [[Member]]

    /// Symbols of component `index` in one block.
    public func multiplicity(_ index: Int) -> Int { 2 * classes[index].count }

    static let maximumBins = 512

    /// True when every index and size fits, and no coefficient is used twice.
    func isValid(columns: Int, timeBlock: Int) -> Bool {
        let all = references + classes.flatMap(\.self)
        return law.isValid && initiator.isValid && responder.isValid
            && initiator.tones == responder.tones && 2 * initiator.tones.count == columns
            && (initiator.specular == nil) == (responder.specular == nil)
            && (32...1024).contains(timeBlock) && (1...min(timeBlock, Self.maximumBins)).contains(bins)
            && projectionReal.count == initiator.powers.count
            && projectionImaginary.count == initiator.powers.count
            && (projectionReal + projectionImaginary).allSatisfy {
                $0.count == responder.powers.count && $0.allSatisfy { abs($0) < 1e6 }
            }
            && (initiator.specular == nil ? 1...64 : 0...0).contains(references.count) && classes.count <= 256
            && classes.allSatisfy { !$0.isEmpty } && Set(all).count == all.count
            && all.allSatisfy {
                initiator.powers.indices.contains($0.mode) && (0..<bins).contains($0.bin)
            }
    }

    /// Rows of each block: whole runs of neighboring pairs, none across `breaks`, none across the end of the
    /// commissioning part.
    ///
    /// - Parameter breaks: rows, rising, before which a pair is missing.
    public static func blocks(rows: Int, commissioned: Int, length: Int, breaks: [Int]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var ends = (breaks + [commissioned, rows]).filter { $0 > 0 && $0 <= rows }.sorted()[...]
        var start = 0
        while let end = ends.popFirst() {
            while start + length <= end {
                result.append(start..<start + length)
                start += length
            }
            start = end
        }
        return result
    }
}

/// The transform over time: eigenvectors of the law's Toeplitz matrix, strongest first.
struct TimeTransform: Sendable {
    let length: Int
    let bins: Int
    /// Eigenvalue of each bin.
    let gains: [Double]
    /// Vectors by bin, then snapshot.
    private let vectors: [Double]

    init?(_ law: DopplerLaw, length: Int, bins: Int? = nil, least: Double = 0) {
        let r = law.correlation(length)
        guard let eigen = SymmetricEigen(Matrix(rows: length, columns: length) { r[abs($0 - $1)] }) else {
            return nil
        }
        self.length = length
        let count = bins ?? max(1, eigen.values.prefix { $0 > least }.count)
        self.bins = count
        gains = eigen.values.prefix(count).map { max($0, 0) }
        vectors = (0..<count).flatMap { eigen.vectors.column($0) }
    }

    /// v(t) of a bin.
    func vector(_ bin: Int) -> ArraySlice<Double> { vectors[bin * length..<(bin + 1) * length] }

    /// Coefficients of every mode, `[mode * bins + bin]`.
    func apply(_ values: [Float], modes: Int) -> [Double] {
        var result = [Double](repeating: 0, count: modes * bins)
        var series = [Double](repeating: 0, count: length)
        for mode in 0..<modes {
            for t in 0..<length { series[t] = Double(values[t &* modes &+ mode]) }
            for bin in 0..<bins {
                var sum = 0.0
                let base = bin &* length
                for t in 0..<length { sum += vectors[base &+ t] * series[t] }
                result[mode &* bins &+ bin] = sum
            }
        }
        return result
    }

    /// Covariance of the bins where the channel follows another law.
    func covariance(under law: DopplerLaw) -> Matrix {
        let r = law.correlation(length)
        var product = [Double](repeating: 0, count: bins * length)
        for bin in 0..<bins {
            for t in 0..<length {
                var sum = 0.0
                for u in 0..<length { sum += vectors[bin &* length &+ u] * r[abs(t &- u)] }
                product[bin &* length &+ t] = sum
            }
        }
        return Matrix(rows: bins, columns: bins) { i, j in
            var sum = 0.0
            for t in 0..<length { sum += product[i &* length &+ t] * vectors[j &* length &+ t] }
            return sum
        }
    }
}
