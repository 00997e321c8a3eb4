// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

extension TrainingEstimator {
    /// What the signal field of an HT or VHT frame says; nil for other frames, and where the field is damaged.
    ///
    /// - Parameter sampleRate: the receiver's.
    public func signal(of frame: PreambleFrame, sampleRate: Double) -> SignalField? {
        guard let format = format(of: frame, sampleRate: sampleRate) else { return nil }
        let samples = tuned(frame, sampleRate)
        var soft: [Float] = []
        for index in 0..<2 {
            let isTurned = format == .ht || index == 1
            let tones = symbol(samples, preamble.count + symbolLength * (index + 1), preamble.tones)
            // Each 20 MHz carries the same; what they say is added.
            var sums = [IQ](repeating: .zero, count: 52)
            for place in tones.indices {
                let rotation = field.width.rotation(of: preamble.tones[place])
                let expected = frame.gains[place] * IQ(Float(rotation.re), Float(rotation.im))
                sums[place % 52] = sums[place % 52] + tones[place] * expected.conjugate
            }
            if isTurned { for place in sums.indices { sums[place] = sums[place] * IQ(0, -1) } }
            // The left carrier offset has turned the symbol; squares don't know the bits.
            let square = sums.reduce(IQ.zero) { $0 + $1 * $1 }
            let turn = Phase.turn(-Phase.angle(Double(square.re), Double(square.im)) / 2)
            soft += SignalDecoder.dataTones.map { (sums[$0] * turn).re }
        }
        return SignalField(format, bits: SignalDecoder.bits(soft: soft))
    }
}
