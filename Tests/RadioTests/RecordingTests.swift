// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import Testing

@testable import Radio

struct RecordingTests {
    private static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "radio-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    @Test(arguments: [Party.Role.initiator, .responder])
    func `a series that was recorded gives the same trace when it is played`(role: Party.Role) async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let name = folder.appendingPathComponent("walk").path
        var parameters = EtherParameters(channel: try Rig.channel("tgn-b", seed: 4, loss: 0.05), snr: 20)
        Rig.apart(&parameters)
        let ether = try Ether(parameters)
        let plan = ProbePlan(count: 100, turnaround: .microseconds(400))
        let own = try RecordingTransceiver(
            try ether.join(role == .initiator ? .alice : .bob), to: name)
        let other = try ether.join(role == .initiator ? .bob : .alice)
        async let first = Prober(plan, key: .known, role: role).run(on: own)
        async let second = Prober(plan, key: .known, role: role.other).run(on: other)
        let live = try await first
        _ = try await second
        await own.close()
        let player = try PlaybackTransceiver(name)
        #expect(player.capabilities.simulated)
        let again = try await Prober(plan, key: .known, role: role).run(on: player)
        #expect(live.trace.count > 80)
        #expect(again.trace.gains == live.trace.gains)
        #expect((0..<live.trace.count).allSatisfy { again.trace.time(at: $0) == live.trace.time(at: $0) })
    }

    /// Each window of a number that ends in 3 to 8 has a trouble of its own.
    private static let troubles: [RadioEvent.Kind] = [
        .late, .timeout, .overflow, .badPacket, .clipping, .init("something new"),
    ]

    @Test(arguments: [Party.Role.initiator, .responder])
    func `windows that brought nothing, trouble and clipping are played as they were`(
        role: Party.Role
    ) async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let name = folder.appendingPathComponent("walk").path
        let ether = try Ether(
            EtherParameters(channel: try Rig.channel("tgn-b", seed: 4), sampleRate: 2e6, snr: 25))
        let plan = ProbePlan(count: 120, turnaround: .milliseconds(1))
        var faults = FaultyTransceiver.Faults()
        faults.receive = { $0 % 20 >= 3 && $0 % 20 < 9 ? Self.troubles[$0 % 20 - 3] : nil }
        let own = try RecordingTransceiver(
            FaultyTransceiver(try ether.join(role == .initiator ? .alice : .bob), faults), to: name)
        let other = try ether.join(role == .initiator ? .bob : .alice)
        async let first = Prober(plan, key: .known, role: role).run(on: own)
        async let second = Prober(plan, key: .known, role: role.other).run(on: other)
        let live = try await first
        _ = try await second
        try await own.finish()
        let again = try await Prober(plan, key: .known, role: role).run(on: try PlaybackTransceiver(name))
        #expect(live.trace.count > 40)
        #expect(live.tally.clipped > 0 && live.tally.damaged > 5 && live.tally.late > 0)
        #expect(again.trace.gains == live.trace.gains)
        let numbers = [live, again].map { series in
            (0..<series.trace.count).map { series.trace.sequence(at: $0) ?? 0 }
        }
        #expect(numbers[0] == numbers[1])
        #expect(again.tally.clipped == live.tally.clipped)
        #expect(again.tally.damaged == live.tally.damaged)
        #expect(again.tally.late == live.tally.late)
    }

    @Test func `a description that can't be written is an error, never a recording that nobody can play`()
        async throws
    {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let name = folder.appendingPathComponent("walk").path
        // A folder where the description belongs; it isn't ours to remove.
        try FileManager.default.createDirectory(
            atPath: name + ".sigmf-meta", withIntermediateDirectories: false)
        let ether = try Ether(EtherParameters(channel: try Rig.channel("tgn-b"), snr: 20))
        let radio = try RecordingTransceiver(try ether.join(.alice), to: name)
        let error = await #expect(throws: QWaveError.self) { try await radio.finish() }
        #expect(error?.code == .storage && error?.message.contains("walk.sigmf-meta") == true)
        #expect(radio.failure?.code == .storage)
        // The radio was given back all the same.
        _ = try ether.join(.alice)
    }

    @Test func `what is no recording is an error that names the file, never a trap`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let name = folder.appendingPathComponent("bad").path
        #expect(throws: QWaveError.self) { try PlaybackTransceiver(name) }
        let segment =
            #"{"core:sample_start":START,"core:frequency":1,"qwave:seconds":SEC,"qwave:attoseconds":0}"#
        let global =
            #"{"core:datatype":"cf32_le","core:sample_rate":1e6,"core:version":"1.0.0","core:hw":"x","qwave:simulated":true}"#
        for (start, seconds) in [
            ("-1", "0"), ("99999999999", "0"), ("0", "9223372036854775807"), ("1.5", "0"),
        ] {
            let text = segment.replacingOccurrences(of: "START", with: start)
                .replacingOccurrences(of: "SEC", with: seconds)
            let meta = #"{"global":\#(global),"captures":[\#(text)],"annotations":[]}"#
            try Data(meta.utf8).write(to: URL(fileURLWithPath: name + ".sigmf-meta"))
            try Data(count: 16).write(to: URL(fileURLWithPath: name + ".sigmf-data"))
            let error = #expect(throws: QWaveError.self) { try PlaybackTransceiver(name) }
            #expect(error?.message.contains("bad.sigmf") == true)
        }
    }
}
