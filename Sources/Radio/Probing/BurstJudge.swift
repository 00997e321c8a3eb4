// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelEstimation
internal import QWaveCore

/// Finds the peer's bursts in a window and tells them from others.
struct BurstJudge: Sendable {
    /// Least coherence of pilots and preamble. Pilots in a wrong order reach it by chance with probability
    /// (1 − ¼)^51 = 4·10⁻⁷; genuine ones have 0.7 at 0 dB and more above.
    static let leastCoherence = 0.5

    private var receiver: SoundingReceiver
    private let peer: Party.Role
    private let rate: Double

    init(key: ProbeKey, peer: Party.Role, rate: Double) throws(QWaveError) {
        self.peer = peer
        self.rate = rate
        // A burst of this end's own sender field is nobody's: an echo, or an injection.
        receiver = try SoundingReceiver(sampleRate: rate) { sequence, sender in
            sender == peer ? key.secret(sequence, sender) : nil
        }
    }

    struct Genuine {
        var probe: HeardProbe
        var sounding: Sounding
    }

    /// The peer's bursts in a window, oldest first; all others are counted.
    mutating func judge(_ received: ReceivedSamples, into tally: inout ProbeTally) -> [Genuine] {
        var soundings = receiver.receive(received.samples)
        soundings += receiver.finish()
        let first = received.start.sample(at: rate)
        return soundings.compactMap { sounding in
            guard sounding.tagIsRight else {
                tally.wrongTag += 1
                return nil
            }
            guard sounding.coherence >= Self.leastCoherence else {
                tally.lowCoherence += 1
                return nil
            }
            let time = DeviceTime(sample: first + Int64(sounding.start), rate: rate)
            return Genuine(probe: HeardProbe(sequence: sounding.sequence, time: time), sounding: sounding)
        }
    }
}
