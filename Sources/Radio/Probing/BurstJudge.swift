// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelEstimation
internal import QWaveCore

/// Finds the peer's bursts in a window and tells them from others.
struct BurstJudge: Sendable {
    /// Least coherence of pilots and preamble. Pilots in a wrong order reach it by chance with probability
    /// (1 − ¼)^51 = 4·10⁻⁷; genuine ones have 0.7 at 0 dB and more above.
    static let leastCoherence = 0.5
    /// Samples of the longest window in which a burst is expected at a place; longer ones are a search.
    static let nearby = 4096
    /// The preamble's threshold in such a window. There is so little noise in it that weak bursts may be looked for:
    /// at −3 dB in a sample 0.24 finds nearly all preambles, where 0.36 finds little more than half, and what noise gets
    /// past it fails the second test, the header's check, or the tag. (What is lost above that is lost by the
    /// header.) In a search, whose windows hold a thousand times the noise, the usual threshold keeps the work small.
    static let nearbyThreshold: Float = 0.24

    private var searching: SoundingReceiver
    private var expecting: SoundingReceiver
    private let peer: Party.Role
    private let rate: Double

    init(key: ProbeKey, peer: Party.Role, rate: Double) throws(QWaveError) {
        self.peer = peer
        self.rate = rate
        // A burst of this end's own sender field is nobody's: an echo, or an injection.
        let secret: @Sendable (UInt32, Party.Role) -> SoundingSecret? = { sequence, sender in
            sender == peer ? key.secret(sequence, sender) : nil
        }
        searching = try SoundingReceiver(sampleRate: rate, secret: secret)
        expecting = try SoundingReceiver(
            sampleRate: rate, threshold: Self.nearbyThreshold, secret: secret)
    }

    struct Genuine {
        var probe: HeardProbe
        var sounding: Sounding
    }

    /// The peer's bursts in a window, oldest first; all others are counted.
    mutating func judge(_ received: ReceivedSamples, into tally: inout ProbeTally) -> [Genuine] {
        let isNearby = received.samples.count <= Self.nearby
        var soundings =
            isNearby ? expecting.receive(received.samples) : searching.receive(received.samples)
        soundings += isNearby ? expecting.finish() : searching.finish()
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
