// SPDX-License-Identifier: GPL-3.0-or-later
internal import Transforms

/// How decorrelated components come out of features; public, and fixed before the block.
public enum Decorrelation: String, Sendable, Codable, CaseIterable {
    /// The feature itself is the component.
    case identity
    /// Karhunen–Loève transform of the commissioned covariance, published by the initiator.
    case klt
    /// Fixed two-dimensional DCT-II over time block and subcarriers.
    case dct
}

/// A map from the features of one block to its components, of one end.
public struct LinearMap: Sendable, Hashable, Codable {
    /// Mean of each input, subtracted first.
    public var mean: [Double]
    /// One row of weights for each component; empty where `selection` is used.
    public var weights: [[Double]]
    /// The input that is each component; empty where `weights` are used.
    public var selection: [Int]

    public init(mean: [Double], weights: [[Double]] = [], selection: [Int] = []) {
        self.mean = mean
        self.weights = weights
        self.selection = selection
    }

    public var components: Int { max(weights.count, selection.count) }

    /// True when all sizes fit `inputs` and all numbers are finite.
    public func isValid(inputs: Int) -> Bool {
        mean.count == inputs && mean.allSatisfy(\.isFinite) && (weights.isEmpty != selection.isEmpty)
            && components <= 4096 && weights.allSatisfy { $0.count == inputs && $0.allSatisfy(\.isFinite) }
            && selection.allSatisfy { (0..<inputs).contains($0) }
    }

    /// True when no component is there twice.
    var isInjective: Bool {
        Set(selection).count == selection.count && Set(weights).count == weights.count
    }

    /// The components of every row: `result[component][row]`.
    public func apply(_ features: FeatureMatrix) -> [[Double]] {
        if !selection.isEmpty {
            return selection.map { input in features.column(input).map { $0 - mean[input] } }
        }
        var result = [[Double]](repeating: [Double](repeating: 0, count: features.rows), count: weights.count)
        var row = [Double](repeating: 0, count: features.columns)
        for index in 0..<features.rows {
            for column in 0..<features.columns {
                row[column] = Double(features[index, column]) - mean[column]
            }
            for component in weights.indices {
                var sum = 0.0
                let weight = weights[component]
                for column in 0..<features.columns { sum += weight[column] * row[column] }
                result[component][index] = sum
            }
        }
        return result
    }
}

/// The fixed transform of blocks of snapshots: two-dimensional DCT-II over time and subcarriers, for each plane.
public struct BlockTransform: Sendable {
    /// Snapshots in a block.
    public let timeBlock: Int
    /// Planes that are transformed on their own: two for real and imaginary parts.
    public let planes: Int

    public init(timeBlock: Int, planes: Int) {
        self.timeBlock = timeBlock
        self.planes = planes
    }

    /// A row for each whole block; columns in the order (plane, time bin, delay bin).
    public func apply(_ features: FeatureMatrix) -> FeatureMatrix {
        let width = features.columns / planes
        let blocks = features.rows / timeBlock
        let transform = DCT2(rows: timeBlock, columns: width)
        var values: [Float] = []
        values.reserveCapacity(blocks * timeBlock * features.columns)
        for block in 0..<blocks {
            for plane in 0..<planes {
                var tile = [Double](repeating: 0, count: timeBlock * width)
                for time in 0..<timeBlock {
                    for column in 0..<width {
                        tile[time * width + column] = Double(
                            features[block * timeBlock + time, plane * width + column])
                    }
                }
                values.append(contentsOf: transform.forward(tile).map(Float.init))
            }
        }
        return FeatureMatrix(rows: blocks, columns: timeBlock * features.columns, values: values)
    }
}
