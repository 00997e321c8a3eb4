// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

extension ChannelTrace {
    /// What a card that reports signal strength only would have recorded: the mean power over the tones of
    /// each antenna pair in dB, rounded to multiples of `step`, `reference` dBm for unit power.
    ///
    /// Shapes keep their antennas and have one subcarrier. A power of zero reads 300 dB below the reference.
    ///
    /// - Precondition: gains are linear, and `step` is positive.
    public func asRSSI(step: Double = 1, reference: Double = -50) -> ChannelTrace {
        precondition(description.quantity != .decibels && step > 0, "RSSI is made from linear gains")
        var about = description
        about.quantity = .decibels
        about.toneIndices = []
        about.noiseVariance = nil
        about.comment += about.comment.isEmpty ? "as RSSI" : ", as RSSI"
        var result = ChannelTrace(description: about)
        result.reserveCapacity(snapshots: count, gains: count)
        for index in 0..<count {
            let shape = shape(at: index)
            let gains = gains(at: index)
            var levels: [IQ] = []
            var start = gains.startIndex
            while start < gains.endIndex, shape.subcarriers > 0 {
                let end = start + shape.subcarriers
                let power = gains[start..<end].reduce(0) { sum, gain in
                    sum + Double(gain.re) * Double(gain.re) + Double(gain.im) * Double(gain.im)
                }
                let mean = max(power / Double(shape.subcarriers), 1e-30)
                let level = ((reference + Portable.decibels(mean)) / step).rounded() * step
                levels.append(IQ(Float(level), 0))
                start = end
            }
            let flat = SnapshotShape(
                receiveAntennas: shape.receiveAntennas, transmitAntennas: shape.transmitAntennas,
                subcarriers: levels.isEmpty ? 0 : 1)
            result.append(sequence: sequence(at: index), time: time(at: index), shape: flat, gains: levels)
        }
        return result
    }
}
