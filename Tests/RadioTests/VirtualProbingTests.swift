// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import Testing

@testable import Radio

struct VirtualProbingTests {
    @Test func `two ends without a common clock hear nearly every probe of a clean ether`() async throws {
        var parameters = EtherParameters(channel: try Rig.channel(), snr: 20)
        Rig.apart(&parameters)
        let ether = try Ether(parameters)
        let plan = ProbePlan(count: 300, turnaround: .microseconds(500))
        let (alice, bob) = try await Rig.run(ether, plan: plan)
        print(alice.tally, bob.tally, alice.latency.mean, alice.carrierOffset ?? 0, bob.carrierOffset ?? 0)
        #expect(alice.trace.count >= 290)
        #expect(bob.trace.count >= 290)
    }
}
