// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    import ChannelModels
    import Foundation
    import QWaveCore
    import TestSupport
    import Testing

    @testable import Radio

    @Suite(.serialized, .enabled(if: VirtualUSRPs.areWanted, "\(VirtualUSRPs.skipped)"))
    struct USRPProbingTests {
        @Test func `two USRPs pair every probe, and both hear the channel that the air has`() async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                "usrp-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }

            // TGn-D with its delays stretched twenty times: at 1 MS/s what the model is at 20.
            let parameters = try Rig.channel(speed: 0.02, seed: 7)
            let channel = try TwoSidedSimulator(parameters).channel
            var settings = VirtualUSRPs.Settings()
            settings.drift = [10, -10]
            settings.carrierError = [300, -300]
            settings.delay = 1e-6
            settings.fading = folder.appendingPathComponent("fading")
            try FadingFile.write(
                folder.appendingPathComponent("fading"),
                delays: parameters.model.taps.map { $0.delay * 20e-9 },
                rate: 100, rows: 6000
            ) { time in channel.tapGains(at: time).map { ($0.re, $0.im) } }
            let devices = try VirtualUSRPs(settings)

            let options = ",lead=0.03,latency=0.008"
            let alice = try await RadioDrivers.standard.open(
                "addr=\(devices.addresses[0])" + options, as: .initiator)
            let bob = try await RadioDrivers.standard.open(
                "addr=\(devices.addresses[1])" + options, as: .responder)
            var plan = ProbePlan(
                count: 60, rate: 10, turnaround: ProbePlan.shortestTurnaround(alice.capabilities))
            plan.sacrificed = 0
            async let first = Prober(plan, key: .known, role: .initiator).run(on: alice)
            async let second = Prober(plan, key: .known, role: .responder).run(on: bob)
            let (a, b) = try await (first, second)
            print(a.tally, b.tally, a.latency, a.carrierOffset as Any, b.carrierOffset as Any)
            print(a.rate, plan)
            await alice.close()
            await bob.close()
            #expect(a.trace.count > 50)
        }
    }
#endif
