// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

extension RawKey {
    /// The longest raw key that one run of an engine takes, in bits.
    static let maximumBits = 1 << 24

    /// Throws `.badInput` unless the frames cover every bit once and expect something possible.
    func checkFrames() throws(QWaveError) {
        guard bits.count <= Self.maximumBits else {
            throw QWaveError(
                .badInput,
                "a raw key of \(bits.count) bits is too long for one block; give at most \(Self.maximumBits)")
        }
        var covered = 0
        for frame in frames.sorted(by: { $0.range.lowerBound < $1.range.lowerBound })
        where !frame.range.isEmpty {
            guard frame.range.lowerBound == covered else {
                throw QWaveError(
                    .badInput,
                    "the raw key's frames must cover every bit once, but one starts at bit "
                        + "\(frame.range.lowerBound) where \(covered) was next")
            }
            guard frame.errorRate >= 0, frame.errorRate <= 0.5 else {
                throw QWaveError(
                    .badInput,
                    "the frame at bit \(covered) expects an error rate of \(frame.errorRate); "
                        + "it must lie between 0 and 0.5")
            }
            if let entropy = frame.softEntropy, !(entropy >= 0 && entropy <= 1) {
                throw QWaveError(
                    .badInput,
                    "the frame at bit \(covered) expects that its samples leave \(entropy) bits of a bit; "
                        + "it must lie between 0 and 1")
            }
            covered = frame.range.upperBound
        }
        guard covered == bits.count else {
            throw QWaveError(
                .badInput,
                "the raw key has \(bits.count) bits but its frames cover \(covered); they must cover every bit once"
            )
        }
    }
}
