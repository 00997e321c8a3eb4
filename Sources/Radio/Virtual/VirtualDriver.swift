// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelModels
public import QWaveCore

/// `--radio virtual:…`: a radio in an ether of virtual time.
///
/// The responder's process serves the ether and describes it; the initiator's joins it. With `join=HOST:PORT` either
/// end joins one that is served elsewhere (`qwave ether`); with `serve=HOST:PORT` the listener serves at another
/// address than 127.0.0.1:7411.
public struct VirtualDriver: RadioDriver {
    public static let port = 7411
    static let address = "127.0.0.1:\(port)"

    public init() {}

    public var scheme: String? { "virtual" }
    public var help: String {
        "virtual:model=tgn-d,snr=20,speed=1,… a simulated radio; the listener serves the air (serve=\(Self.address)), "
            + "the connecting end joins it (join=HOST:PORT)"
    }

    public func open(
        _ arguments: String, as role: Party.Role, _ settings: RadioSettings
    ) async throws(QWaveError) -> any Transceiver {
        var fields = try RadioArguments(arguments)
        let join = fields.take("join")
        let serve = fields.take("serve")
        let end: SimulatedEnd = role == .initiator ? .alice : .bob
        guard join == nil || serve == nil else {
            throw QWaveError(.usage, "a virtual radio either joins an ether or serves one, not both")
        }
        if let join { return try await Self.join(join, end, &fields) }
        if serve == nil, role == .initiator { return try await Self.join(Self.address, end, &fields) }
        let parameters = try EtherParameters(&fields, settings: settings)
        try fields.finish(known: EtherParameters.keys + ["serve", "join"])
        let (host, port) = try Self.split(serve ?? Self.address)
        return try await ServingTransceiver(parameters, end: end, host: host, port: port)
    }

    private static func join(
        _ address: String, _ end: SimulatedEnd, _ fields: inout RadioArguments
    ) async throws(QWaveError) -> any Transceiver {
        let (host, port) = try split(address)
        // What describes the air is the server's to say.
        try fields.finish(known: ["join", "serve"])
        return try await RemoteTransceiver(end, host: host, port: port)
    }

    static func split(_ address: String) throws(QWaveError) -> (String, Int) {
        guard let colon = address.lastIndex(of: ":"), let port = Int(address[address.index(after: colon)...]),
            (0...65535).contains(port), colon > address.startIndex
        else { throw QWaveError(.usage, "'\(address)' is no HOST:PORT, like \(Self.address)") }
        let host = address[..<colon].trimmingPrefix("[")
        return (host.hasSuffix("]") ? String(host.dropLast()) : String(host), port)
    }
}

/// An end's radio in the process that serves its ether to the other.
final class ServingTransceiver: Transceiver {
    private let ether: Ether
    private let radio: VirtualTransceiver
    private let server: Task<Void, Never>

    init(
        _ parameters: EtherParameters, end: SimulatedEnd, host: String, port: Int
    ) async throws(QWaveError) {
        let ether = try Ether(parameters)
        self.ether = ether
        let started = AsyncStream<QWaveError?>.makeStream()
        server = Task {
            do throws(QWaveError) {
                try await EtherServer(ether).serve(
                    host: host, port: port, ready: { _ in started.continuation.yield(nil) })
            } catch {
                started.continuation.yield(error)
            }
            started.continuation.finish()
        }
        var iterator = started.stream.makeAsyncIterator()
        if let failure = await iterator.next() ?? nil {
            server.cancel()
            throw failure
        }
        radio = try ether.join(end)
    }

    deinit { server.cancel() }

    var capabilities: RadioCapabilities { radio.capabilities }
    func now() async throws(QWaveError) -> DeviceTime { try await radio.now() }
    func transmit(_ burst: TransmitBurst) async throws(QWaveError) { try await radio.transmit(burst) }
    func receive(_ window: ReceiveWindow) async throws(QWaveError) -> ReceivedSamples {
        try await radio.receive(window)
    }
    func events() async throws(QWaveError) -> [RadioEvent] { try await radio.events() }
    func rest() async { await radio.rest() }
    /// Leaves, and serves on until the other ends have left too, for at most half a minute.
    func close() async {
        await radio.close()
        for _ in 0..<3000 where !ether.isEmpty { try? await Task.sleep(for: .milliseconds(10)) }
        server.cancel()
    }
}
