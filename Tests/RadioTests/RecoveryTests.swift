// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import QWaveCore
import Testing

@testable import Radio

/// Every event of a radio ends in recovery, or in an error that says what to do.
struct RecoveryTests {
    private static func end(
        _ prober: Prober, _ radio: VirtualTransceiver, _ faults: FaultyTransceiver.Faults?
    ) async -> Result<ProbeSeries, QWaveError> {
        do throws(QWaveError) {
            let series: ProbeSeries
            if let faults {
                series = try await prober.run(on: FaultyTransceiver(radio, faults))
            } else {
                series = try await prober.run(on: radio)
            }
            await radio.close()
            return .success(series)
        } catch {
            await radio.close()
            return .failure(error)
        }
    }

    private static func run(
        _ role: Party.Role, _ faults: FaultyTransceiver.Faults
    ) async throws -> Result<ProbeSeries, QWaveError> {
        // At a tenth of the usual rate an end that hears nothing has a tenth of the samples to search.
        let ether = try Ether(
            EtherParameters(channel: try Rig.channel("tgn-b", seed: 2), sampleRate: 2e6, snr: 20))
        let alice = try ether.join(.alice)
        let bob = try ether.join(.bob)
        var plan = ProbePlan(count: 120, turnaround: .milliseconds(1))
        plan.patience = .seconds(3)
        let prober = (
            Prober(plan, key: .known, role: .initiator), Prober(plan, key: .known, role: .responder)
        )
        async let first = end(prober.0, alice, role == .initiator ? faults : nil)
        async let second = end(prober.1, bob, role == .responder ? faults : nil)
        let both = (await first, await second)
        return role == .initiator ? both.0 : both.1
    }

    @Test(
        arguments: [
            RadioEvent.Kind.late, .underflow, .sequenceError, .timeError, .unacknowledged,
        ], [Party.Role.initiator, .responder])
    func `a burst that fails now and then is counted, and the series goes on`(
        kind: RadioEvent.Kind, role: Party.Role
    ) async throws {
        var faults = FaultyTransceiver.Faults()
        faults.transmit = { $0 % 10 == 9 ? kind : nil }
        let series = try await Self.run(role, faults).get()
        #expect(series.trace.count > 60)
        #expect(series.tally.late + series.tally.spoiled >= 8)
    }

    @Test(
        arguments: [
            RadioEvent.Kind.late, .overflow, .timeout, .badPacket, .clipping, .init("something new"),
        ], [Party.Role.initiator, .responder])
    func `a window that fails now and then is counted, and the series goes on`(
        kind: RadioEvent.Kind, role: Party.Role
    ) async throws {
        var faults = FaultyTransceiver.Faults()
        faults.receive = { $0 % 10 == 9 ? kind : nil }
        let series = try await Self.run(role, faults).get()
        #expect(series.trace.count > 60)
    }

    @Test(arguments: [RadioEvent.Kind.late, .underflow, .timeError, .unacknowledged])
    func `bursts that always fail end the series with advice`(kind: RadioEvent.Kind) async throws {
        var faults = FaultyTransceiver.Faults()
        faults.transmit = { _ in kind }
        let error = await #expect(throws: QWaveError.self) { try await Self.run(.initiator, faults).get() }
        #expect(error?.code == .radioFault)
        #expect(error?.message.contains("radio") == true || error?.message.contains("host") == true)
    }

    @Test(arguments: [
        (RadioEvent.Kind.overflow, QWaveError.Code.radioFault), (.badPacket, .radioFault),
        (.timeout, .deviceGone), (.clipping, .radioFault),
    ])
    func `windows that always fail end the series with advice`(
        kind: RadioEvent.Kind, code: QWaveError.Code
    ) async throws {
        var faults = FaultyTransceiver.Faults()
        // The beat must be found first, or a clipped window holds nothing to be dropped.
        faults.receive = { $0 > 12 ? kind : nil }
        let error = await #expect(throws: QWaveError.self) { try await Self.run(.initiator, faults).get() }
        #expect(error?.code == code)
    }

    @Test(arguments: [RadioEvent.Kind.gainChanged, .unlocked])
    func `what makes probes incomparable ends the series at once`(kind: RadioEvent.Kind) async throws {
        for role in [Party.Role.initiator, .responder] {
            var faults = FaultyTransceiver.Faults()
            faults.event = { $0 == 30 ? kind : nil }
            let error = await #expect(throws: QWaveError.self) { try await Self.run(role, faults).get() }
            #expect(error?.code == .radioFault)
        }
    }

    @Test func `a clock that is set back while probing ends the series at once, with what to look at`()
        async throws
    {
        var faults = FaultyTransceiver.Faults()
        faults.clock = { $0 < 30 ? .zero : .seconds(-3600) }
        for role in [Party.Role.initiator, .responder] {
            let error = await #expect(throws: QWaveError.self) { try await Self.run(role, faults).get() }
            #expect(error?.code == .radioFault)
            #expect(
                error?.message.contains("went back") == true
                    && error?.message.contains("clock source") == true)
        }
    }

    @Test func `a device that goes in the middle ends both ends: one by name, one by silence`() async throws {
        var faults = FaultyTransceiver.Faults()
        faults.gone = { $0 == 40 }
        for role in [Party.Role.initiator, .responder] {
            let error = await #expect(throws: QWaveError.self) { try await Self.run(role, faults).get() }
            #expect(error?.code == .deviceGone)
        }
    }
}
