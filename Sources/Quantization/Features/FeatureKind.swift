// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// What of a snapshot becomes numbers that both ends can compute alone.
public enum FeatureKind: String, Sendable, Codable, CaseIterable {
    /// The recorded value itself: signal strength or one amplitude.
    case scalar
    /// The amplitude of each gain.
    case amplitude
    /// Real and imaginary parts of the gains under the canonical phase, all real parts first.
    case canonical
    /// Blocks of snapshots that each end brings to one phase track by itself; published as canonical gains.
    case synchronized
    /// Canonical gains aligned to a commissioned template (`AlignedGains`); published as `canonical`, and only where
    /// asked for.
    case aligned

    /// The kinds that a trace allows, best guess first.
    public static func available(for trace: ChannelTrace) -> [FeatureKind] {
        guard trace.count > 0 else { return [] }
        let shape = trace.shape(at: 0)
        switch trace.description.quantity {
        case .decibels, .amplitude: return shape.count == 1 ? [.scalar] : [.amplitude]
        case .complexGain:
            return shape.subcarriers < 4 ? [.amplitude] : [.canonical, .synchronized, .aligned, .amplitude]
        }
    }
}

/// Turns snapshots into features.
public struct FeatureExtractor: Sendable {
    public let kind: FeatureKind
    /// How many features a snapshot gives.
    public let columns: Int
    private let shape: SnapshotShape
    private let canonical: CanonicalPhase?
    private let isSigned: Bool

    /// - Parameter trace: the trace whose first snapshot fixes the shape; its tone grid is used where it is known.
    public init(kind: FeatureKind, like trace: ChannelTrace) throws(QWaveError) {
        guard trace.count > 0 else { throw QWaveError(.badInput, "the capture holds no snapshot") }
        self.kind = kind
        shape = trace.shape(at: 0)
        isSigned = trace.description.quantity == .decibels
        switch kind {
        case .scalar:
            columns = shape.count
            canonical = nil
        case .amplitude:
            columns = shape.count
            canonical = nil
        case .canonical, .aligned, .synchronized:
            let known = trace.description.toneIndices
            let tones = known.count == shape.subcarriers ? known : Array(0..<shape.subcarriers)
            canonical = CanonicalPhase(tones: tones)
            columns = 2 * shape.count
        }
    }

    /// The features of the snapshots at `indices`; a snapshot of another shape throws `.refused`.
    public func features(of trace: ChannelTrace, at indices: [Int]) throws(QWaveError) -> FeatureMatrix {
        var values = [Float](repeating: 0, count: indices.count * columns)
        for (row, index) in indices.enumerated() {
            guard trace.shape(at: index) == shape else {
                throw QWaveError(
                    .refused,
                    "snapshot \(index) has \(trace.shape(at: index).receiveAntennas)×"
                        + "\(trace.shape(at: index).transmitAntennas) antennas where the first has "
                        + "\(shape.receiveAntennas)×\(shape.transmitAntennas): record one antenna set")
            }
            let base = row * columns
            let gains = trace.gains(at: index)
            switch kind {
            case .scalar:
                for (column, gain) in gains.enumerated() { values[base + column] = gain.re }
            case .amplitude:
                // Decibels are signed and have no imaginary part: their magnitude would fold at 0 dB.
                for (column, gain) in gains.enumerated() {
                    values[base + column] = isSigned ? gain.re : gain.amplitude
                }
            case .canonical, .aligned, .synchronized:
                fillCanonical(gains, into: &values, at: base)
            }
            guard values[base..<base + columns].allSatisfy(\.isFinite) else {
                throw QWaveError(
                    .badInput,
                    "snapshot \(index) holds a gain that isn't a finite number: leave it out of the capture")
            }
        }
        return FeatureMatrix(rows: indices.count, columns: columns, values: values)
    }

    private func fillCanonical(_ gains: ArraySlice<IQ>, into values: inout [Float], at base: Int) {
        guard let canonical else { return }
        let count = shape.subcarriers
        for path in 0..<shape.receiveAntennas * shape.transmitAntennas {
            let start = path * count
            let turned = canonical.apply(gains[gains.startIndex + start..<gains.startIndex + start + count])
                .gains
            for tone in 0..<count {
                values[base + start + tone] = Float(turned[tone].re)
                values[base + shape.count + start + tone] = Float(turned[tone].im)
            }
        }
    }
}
