// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
public import Reconciliation

/// One line of a comparison: an engine, a frame length, and how the keys differ.
public struct ReconcileCase: Sendable {
    /// Where the keys come from.
    public enum Keys: Sendable {
        /// Drawn from a channel; `estimate` is the error rate that the ends are told, the true one unless given.
        case simulated(KeyChannel, estimate: Double? = nil)
        /// A user's own, both of the same length, cut into frames; the last, shorter one is left out.
        case own(initiator: BitString, responder: BitString, errorRate: Double)
    }

    public var engine: any Reconciler
    /// What the row is called.
    public var name: String
    /// Key bits of a frame.
    public var frameBits: Int
    public var keys: Keys
    /// How many frames are reconciled together, sharing every message.
    public var framesPerBlock: Int
    /// Frames to run; rounded up to whole blocks.
    public var frames: Int
    public var seed: UInt64

    public init(
        engine: any Reconciler, name: String? = nil, frameBits: Int, keys: Keys, framesPerBlock: Int = 1,
        frames: Int, seed: UInt64
    ) {
        self.engine = engine
        self.name = name ?? engine.name
        self.frameBits = frameBits
        self.keys = keys
        self.framesPerBlock = framesPerBlock
        self.frames = frames
        self.seed = seed
    }

    /// The channel that the limits are computed for; a user's own keys count as a binary symmetric one.
    public var channel: KeyChannel {
        switch keys {
        case .simulated(let channel, _): channel
        case .own(let a, let b, _):
            .binarySymmetric(errorRate: a.isEmpty ? 0 : Double(a.distance(to: b)) / Double(a.count))
        }
    }

    var blockBits: Int { frameBits * framesPerBlock }

    /// How many blocks there are to run.
    public var blocks: Int {
        let wanted = max(1, (frames + framesPerBlock - 1) / framesPerBlock)
        guard case .own(let a, _, _) = keys else { return wanted }
        return min(wanted, a.count / max(1, blockBits))
    }

    func pair(_ block: Int) -> KeyPair {
        switch keys {
        case .simulated(let channel, let estimate):
            // Seeds that step as the generator's own state does would give every block the same stream, shifted.
            var seeds = ExperimentGenerator(seed: seed ^ UInt64(block) &* 0xD134_2543_DE82_EF95)
            return KeyPair(bits: blockBits, channel: channel, estimate: estimate, seed: seeds.next())
        case .own(let a, let b, let rate):
            let range = block * blockBits..<(block + 1) * blockBits
            let frames = [KeyFrame(range: 0..<blockBits, errorRate: rate)]
            return KeyPair(
                initiator: RawKey(bits: a[range], frames: frames),
                responder: RawKey(bits: b[range], frames: frames))
        }
    }

    /// Throws `.usage` or `.badInput` where the case can't be run.
    public func validate() throws(QWaveError) {
        guard frameBits >= 1, framesPerBlock >= 1, frames >= 1 else {
            throw QWaveError(.usage, "frame length, frames and frames in a block are at least 1")
        }
        guard blockBits <= 1 << 24 else {
            throw QWaveError(
                .usage,
                "\(framesPerBlock) frames of \(frameBits) bits are more than one block takes (\(1 << 24) bits)"
            )
        }
        switch keys {
        case .simulated(let channel, let estimate):
            for rate in [channel.errorRate, estimate ?? channel.errorRate]
            where !(rate >= 0 && rate <= 0.5) {
                throw QWaveError(.usage, "an error rate lies between 0 and 0.5, so it can't be \(rate)")
            }
        case .own(let a, let b, let rate):
            guard a.count == b.count else {
                throw QWaveError(
                    .badInput,
                    "the two keys have \(a.count) and \(b.count) bits; reconciliation needs keys of one length"
                )
            }
            guard a.count >= blockBits else {
                throw QWaveError(
                    .badInput,
                    "the keys have \(a.count) bits, less than one block of \(blockBits); give a shorter frame"
                )
            }
            guard rate >= 0, rate <= 0.5 else {
                throw QWaveError(.usage, "an error rate lies between 0 and 0.5, so it can't be \(rate)")
            }
        }
    }
}
