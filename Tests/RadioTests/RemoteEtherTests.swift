// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import QWaveCore
import TestSupport
import Testing

@testable import Radio

/// Radios that reach their ether over TCP.
struct RemoteEtherTests {
    private static func parameters() throws -> EtherParameters {
        var parameters = EtherParameters(channel: try Rig.channel("tgn-b", seed: 5, loss: 0.05), snr: 20)
        Rig.apart(&parameters)
        return parameters
    }

    @Test(.timeLimit(.minutes(5)))
    func `two radios over TCP make the very traces that two in one process make`() async throws {
        let plan = ProbePlan(count: 150, turnaround: .microseconds(400))
        let (alice, bob) = try await Rig.run(try Ether(try Self.parameters()), plan: plan)
        let ports = AsyncStream<Int>.makeStream()
        let server = Task {
            try? await EtherServer(try Ether(try Self.parameters())).serve(host: "127.0.0.1", port: 0) {
                ports.continuation.yield($0)
            }
        }
        defer { server.cancel() }
        var iterator = ports.stream.makeAsyncIterator()
        let port = try #require(await iterator.next())
        let hers = try await RemoteTransceiver(.alice, host: "127.0.0.1", port: port)
        let his = try await RemoteTransceiver(.bob, host: "127.0.0.1", port: port)
        #expect(hers.capabilities == (try Ether(try Self.parameters()).join(.alice).capabilities))
        await #expect(throws: QWaveError.self) {
            _ = try await RemoteTransceiver(.bob, host: "127.0.0.1", port: port)
        }
        async let first = Prober(plan, key: .known, role: .initiator).run(on: hers)
        async let second = Prober(plan, key: .known, role: .responder).run(on: his)
        let (a, b) = (try await first, try await second)
        await hers.close()
        await his.close()
        #expect(a.trace.gains == alice.trace.gains && b.trace.gains == bob.trace.gains)
        #expect(a.tally == alice.tally && b.tally == bob.tally)
    }

    @Test func `a radio whose ether is gone says so`() async throws {
        let error = await #expect(throws: QWaveError.self) {
            _ = try await RemoteTransceiver(.alice, host: "127.0.0.1", port: 1, deadline: .milliseconds(300))
        }
        #expect(error?.code == .unavailable || error?.code == .timedOut)
        #expect(error?.message.contains("ether") == true)
    }

    @Test func `every request and answer comes back as it was, and damaged ones are errors, never traps`()
        throws
    {
        let time = DeviceTime(seconds: -3, fraction: 0.123)
        let samples = [IQ(1, -2), IQ(0.5, 0.25)]
        let event = RadioEvent(.late, burst: 9, time: time, detail: "why")
        let requests: [EtherRequest] = [
            .join(.eve), .now, .events, .rest, .receive(ReceiveWindow(start: time, count: 77)),
            .receive(ReceiveWindow(start: nil, count: 1)),
            .transmit(TransmitBurst(id: 4, start: time, samples: samples)),
        ]
        let answers: [EtherAnswer] = [
            .time(time), .done, .events([event, RadioEvent(.timeout)]),
            .samples(ReceivedSamples(start: time, samples: samples, trouble: event, clipped: 2)),
            .failed(QWaveError(.deviceClaimed, "taken")),
            .joined(
                RadioCapabilities(
                    name: "n", sampleRate: 1e6, carrierFrequency: 2e9, leadTime: .milliseconds(1),
                    turnaround: .milliseconds(2), simulated: true)),
        ]
        var random = SplitMix64(seed: 77)
        for bytes in requests.map(\.encoded) {
            #expect(try EtherRequest(bytes).encoded == bytes)
            for _ in 0..<300 { _ = try? EtherRequest(damaged(bytes, &random)) }
        }
        for bytes in answers.map(\.encoded) {
            #expect(try EtherAnswer(bytes).encoded == bytes)
            for _ in 0..<300 { _ = try? EtherAnswer(damaged(bytes, &random)) }
        }
        #expect(throws: QWaveError.self) { try EtherRequest([]) }
        #expect(throws: QWaveError.self) { try EtherAnswer([0x84]) }
    }

    private func damaged(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            case 1: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
            default: bytes.append(UInt8.random(in: 0...255, using: &random))
            }
        }
        return bytes
    }
}
