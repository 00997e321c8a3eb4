// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Quantization

extension SharedCommissioning {
    /// The window after this exchange.
    func renewed(
        _ carry: CommissioningCarry, _ window: CarriedWindow?, _ fresh: PublishedFeatures, breaks: [Int],
        _ trace: ChannelTrace
    ) -> CommissioningState? {
        let date = Date.now.formatted(.iso8601)
        if let window {
            return window.state.adding(
                initiator: fresh.initiator, responder: fresh.responder, breaks: breaks, window: carry.window,
                date: date)
        }
        return CommissioningState(
            kind: .init(trace, extractor), rate: rate, environment: carry.environment,
            initiator: fresh.initiator, responder: fresh.responder, breaks: breaks, window: carry.window,
            date: date)
    }
}
