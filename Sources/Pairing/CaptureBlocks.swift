// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Quantization

/// Two captures cut into blocks of equally many pairs, each of which commissions a model of its own.
///
/// A model from the first minutes of an hour knows little of the last ones. Pairs are found over the whole captures,
/// so that lost probes move no border; a block holds its pairs and nothing else.
public struct CaptureBlocks: Sendable {
    /// For each block, the two ends' captures.
    public let blocks: [(initiator: ChannelTrace, responder: ChannelTrace)]

    /// Cuts; the last block takes the rest, where that is less than half a block.
    ///
    /// Throws `.refused` where the captures can't be paired, `.usage` for blocks of less than 1,280 pairs.
    public init(
        initiator: ChannelTrace, responder: ChannelTrace, pairs: Int
    ) throws(QWaveError) {
        guard pairs >= 1280 else {
            throw QWaveError(.usage, "--block is 1,280 pairs or more: fewer commission no model")
        }
        let list = try PairList(initiator: ProbeList(initiator), responder: ProbeList(responder))
        let count = max(1, (list.count + pairs / 2) / pairs)
        blocks = (0..<count).map { index in
            let range = index * pairs..<(index + 1 == count ? list.count : (index + 1) * pairs)
            return (
                initiator.selecting(list.initiator[range]), responder.selecting(list.responder[range])
            )
        }
    }
}
