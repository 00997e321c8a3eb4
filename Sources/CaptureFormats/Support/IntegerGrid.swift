// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// Prepares a trace for a format of whole numbers on a fixed grid of tones.
struct IntegerGrid {
    /// What gains are multiplied with before rounding.
    let scale: Double
    private let fullScale: Double
    /// For each tone of the format the subcarrier of the trace, or nil for a tone that it doesn't have.
    private let positions: [Int?]
    let isAuto: Bool

    /// - Parameters:
    ///   - tones: the format's tone indices in its order.
    ///   - fullScale: the largest part that the format holds.
    ///   - scale: nil takes the largest scale at which no gain of the trace is clipped. One scale for the
    ///     whole trace: amplitudes of different snapshots stay comparable.
    ///   - allowsGaps: whether tones that the trace doesn't have are written as zero.
    init(
        _ trace: ChannelTrace, format: CaptureFormat, tones: [Int], fullScale: Double, scale: Double?,
        allowsGaps: Bool
    ) throws(QWaveError) {
        let what = format.title
        guard trace.description.quantity == .complexGain else {
            throw QWaveError(
                .usage,
                "a \(what) holds complex gains; this trace is of \(trace.description.quantity). Write a table"
            )
        }
        let known = trace.description.toneIndices
        var largest: Float = 0
        for index in 0..<trace.count {
            let count = trace.shape(at: index).subcarriers
            guard count == (known.isEmpty ? tones.count : known.count) else {
                throw QWaveError(
                    .usage,
                    "snapshot \(index) has \(count) subcarriers; a \(what) of this trace needs "
                        + "\(known.isEmpty ? tones.count : known.count)")
            }
        }
        for (index, gain) in trace.gains.enumerated() {
            guard gain.isFinite else { throw QWaveError(.usage, "gain \(index) of the trace is not finite") }
            largest = max(largest, abs(gain.re), abs(gain.im))
        }
        if known.isEmpty || known == tones {
            positions = Array(tones.indices)
        } else {
            let place = Dictionary(
                known.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            positions = tones.map { place[$0] }
            let missing = zip(tones, positions).filter { $1 == nil }.map { $0.0 }
            let inGrid = Set(tones)
            let outside = known.filter { !inGrid.contains($0) }
            guard allowsGaps ? outside.isEmpty : missing.isEmpty else {
                let list = (allowsGaps ? outside : missing).prefix(6).map { String($0) }.joined(
                    separator: ", ")
                throw QWaveError(
                    .usage,
                    "a \(what) has tones \(tones.min() ?? 0) to \(tones.max() ?? 0); "
                        + "\(allowsGaps ? "it has no place for" : "the trace lacks") \(list)")
            }
        }
        self.fullScale = fullScale
        isAuto = scale == nil
        self.scale = scale ?? (largest > 0 ? fullScale / Double(largest) : 1)
        guard self.scale.isFinite, self.scale > 0 else {
            throw QWaveError(.usage, "a scale of \(self.scale) is no positive number")
        }
    }

    /// The numbers of one antenna pair in the format's order; parts beyond the full scale are clipped.
    func numbers(_ gains: ArraySlice<IQ>, pair: Int, subcarriers: Int) -> [(re: Int, im: Int)] {
        let start = gains.startIndex + pair * subcarriers
        return positions.map { position in
            guard let position else { return (0, 0) }
            let gain = gains[start + position]
            return (number(gain.re), number(gain.im))
        }
    }

    private func number(_ part: Float) -> Int {
        Int(max(-fullScale - 1, min(fullScale, (Double(part) * scale).rounded())))
    }
}

/// Microseconds of a snapshot for formats that must have a clock: its time, else its position.
func microseconds(_ trace: ChannelTrace, _ index: Int) -> UInt64 {
    let time = trace.time(at: index) ?? Double(index) / (trace.description.nominalRate ?? 1000)
    let micros = (time * 1e6).rounded()
    return micros.isFinite && micros >= 0 && micros < 1.8e19 ? UInt64(micros) : 0
}
