// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// What an eavesdropper recorded at the rows of an exchange, in the form in which she recorded it.
///
/// Gains stay complex and unturned: which of their functions tells most about a key is for `EveRegressors` to find, and
/// the phases between her antennas are lost once each has a reference of its own.
public struct EveFeatures: Sendable {
    /// Her antennas and tones.
    public let shape: SnapshotShape
    /// False where she has amplitudes or decibels only.
    public let isComplex: Bool
    /// A row for each row of the exchange.
    public let rows: Int
    private let phase: CanonicalPhase
    /// Row after row; a complex gain takes two numbers.
    private let values: [Float]

    /// Her snapshots at `indices`, one a row.
    ///
    /// Throws `.badInput` for an empty capture or a value that isn't finite, `.refused` for snapshots of several shapes.
    public init(of trace: ChannelTrace, at indices: [Int]) throws(QWaveError) {
        guard trace.count > 0 else {
            throw QWaveError(.badInput, "the eavesdropper's capture holds no snapshot")
        }
        shape = trace.shape(at: 0)
        isComplex = trace.description.quantity == .complexGain
        rows = indices.count
        let known = trace.description.toneIndices
        phase = CanonicalPhase(tones: known.count == shape.subcarriers ? known : Array(0..<shape.subcarriers))
        var values: [Float] = []
        values.reserveCapacity(rows * shape.count * (isComplex ? 2 : 1))
        for index in indices {
            guard trace.shape(at: index) == shape else {
                throw QWaveError(
                    .refused,
                    "snapshot \(index) of Eve's has another shape than her first: record one antenna set")
            }
            for gain in trace.gains(at: index) {
                guard gain.re.isFinite, gain.im.isFinite else {
                    throw QWaveError(
                        .badInput,
                        "snapshot \(index) of Eve's holds a gain that isn't a finite number: leave it out")
                }
                values.append(gain.re)
                if isComplex { values.append(gain.im) }
            }
        }
        self.values = values
    }

    /// Her antenna pairs.
    var paths: Int { shape.receiveAntennas * shape.transmitAntennas }

    /// One complex gain; the imaginary part is zero where there is no phase.
    func gain(_ row: Int, _ index: Int) -> (re: Double, im: Double) {
        guard isComplex else { return (Double(values[row * shape.count + index]), 0) }
        let place = 2 * (row * shape.count + index)
        return (Double(values[place]), Double(values[place + 1]))
    }

    /// Amplitudes of some gains, or what was recorded in their place, a column each.
    func amplitudes(_ gains: Range<Int>) -> FeatureMatrix {
        matrix(columns: gains.count) { row, values in
            for index in gains {
                let (re, im) = gain(row, index)
                values.append(Float(isComplex ? (re * re + im * im).squareRoot() : re))
            }
        }
    }

    /// Canonical gains of some whole paths, real parts first; nil where there is no phase.
    func canonical(_ gains: Range<Int>) -> FeatureMatrix? {
        let width = shape.subcarriers
        guard isComplex, width >= 2, gains.lowerBound % width == 0, gains.count % width == 0 else {
            return nil
        }
        return matrix(columns: 2 * gains.count) { row, values in
            let base = values.count
            values.append(contentsOf: repeatElement(0, count: 2 * gains.count))
            for start in stride(from: 0, to: gains.count, by: width) {
                let path = (0..<width).map { tone -> IQ in
                    let (re, im) = gain(row, gains.lowerBound + start + tone)
                    return IQ(Float(re), Float(im))
                }
                for (tone, turned) in phase.apply(path).gains.enumerated() {
                    values[base + start + tone] = Float(turned.re)
                    values[base + gains.count + start + tone] = Float(turned.im)
                }
            }
        }
    }

    /// Power of each path, as a receiver that knows signal strength only would have it; each value where those are few.
    var strengths: [[Double]] {
        guard isComplex else {
            return (0..<shape.count).map { index in (0..<rows).map { gain($0, index).re } }
        }
        let powers = (0..<paths).map { path in
            (0..<rows).map { row in
                (path * shape.subcarriers..<(path + 1) * shape.subcarriers).reduce(0.0) {
                    let (re, im) = gain(row, $1)
                    return $0 + re * re + im * im
                }
            }
        }
        guard shape.subcarriers > 1, shape.count <= 16 else { return powers }
        let amplitudes = amplitudes(0..<shape.count)
        return powers + (0..<shape.count).map { amplitudes.column($0) }
    }

    private func matrix(columns: Int, _ fill: (Int, inout [Float]) -> Void) -> FeatureMatrix {
        var values: [Float] = []
        values.reserveCapacity(rows * columns)
        for row in 0..<rows { fill(row, &values) }
        return FeatureMatrix(rows: rows, columns: columns, values: values)
    }
}
