// SPDX-License-Identifier: GPL-3.0-or-later
public import ChannelModels
public import QWaveCore
internal import Synchronization
internal import Transport

/// A virtual radio whose ether is in another process.
public final class RemoteTransceiver: Transceiver {
    public let capabilities: RadioCapabilities
    private let link: HeldLink

    /// Joins the ether at an address.
    ///
    /// - Parameter deadline: how long to try to reach it.
    public init(
        _ end: SimulatedEnd, host: String, port: Int, deadline: Duration = .seconds(30)
    ) async throws(QWaveError) {
        let link: HeldLink
        do throws(QWaveError) {
            link = try await HeldLink(host: host, port: port, deadline: deadline)
        } catch {
            throw QWaveError(
                error.code,
                "no virtual ether answers at \(host):\(port); start the end that serves it first "
                    + "(qwave pair listen --radio virtual:, or qwave ether)", cause: error)
        }
        do throws(QWaveError) {
            guard case .joined(let capabilities) = try await Self.ask(.join(end), link) else {
                throw Self.unexpected
            }
            self.capabilities = capabilities
            self.link = link
        } catch {
            await link.close()
            throw error
        }
    }

    private static var unexpected: QWaveError {
        QWaveError(.protocolViolation, "the ether's answer isn't one to what was asked")
    }

    private static func ask(_ request: EtherRequest, _ link: HeldLink) async throws(QWaveError) -> EtherAnswer
    {
        let bytes: [UInt8]
        do throws(QWaveError) {
            try await link.link.send(request.encoded)
            bytes = try await link.link.receive()
        } catch {
            guard error.code == .linkClosed || error.code == .timedOut else { throw error }
            throw QWaveError(
                .deviceGone, "the process that serves the virtual ether has gone; start both ends again",
                cause: error)
        }
        let answer = try EtherAnswer(bytes)
        if case .failed(let error) = answer { throw error }
        return answer
    }

    public func now() async throws(QWaveError) -> DeviceTime {
        guard case .time(let time) = try await Self.ask(.now, link) else { throw Self.unexpected }
        return time
    }

    public func transmit(_ burst: TransmitBurst) async throws(QWaveError) {
        guard burst.samples.count <= EtherRequest.samples else {
            throw QWaveError(.usage, "a burst of \(burst.samples.count) samples is too long for this radio")
        }
        guard case .done = try await Self.ask(.transmit(burst), link) else { throw Self.unexpected }
    }

    public func receive(_ window: ReceiveWindow) async throws(QWaveError) -> ReceivedSamples {
        guard case .samples(let samples) = try await Self.ask(.receive(window), link) else {
            throw Self.unexpected
        }
        return samples
    }

    public func events() async throws(QWaveError) -> [RadioEvent] {
        guard case .events(let events) = try await Self.ask(.events, link) else { throw Self.unexpected }
        return events
    }

    public func rest() async { _ = try? await Self.ask(.rest, link) }
    public func close() async { await link.close() }
}

/// A link that outlives the call that made it: `Transport` gives links by scope, and a radio is held.
private final class HeldLink: Sendable {
    let link: any Link
    private let scope: Task<Void, Never>

    init(host: String, port: Int, deadline: Duration) async throws(QWaveError) {
        let handover = AsyncStream<Result<any Link, QWaveError>>.makeStream()
        scope = Task {
            do throws(QWaveError) {
                try await Transport.connect(
                    host: host, port: port, deadline: deadline, limits: EtherServer.limits
                ) { link async throws(QWaveError) in
                    handover.continuation.yield(.success(link))
                    // Held until the task is cancelled.
                    while !Task.isCancelled { try? await Task.sleep(for: .seconds(86_400)) }
                }
            } catch {
                handover.continuation.yield(.failure(error))
            }
            handover.continuation.finish()
        }
        var iterator = handover.stream.makeAsyncIterator()
        guard let result = await iterator.next() else {
            scope.cancel()
            throw QWaveError(.cancelled, "connecting to the ether was cancelled")
        }
        link = try result.get()
    }

    deinit { scope.cancel() }

    func close() async {
        scope.cancel()
        await link.close()
    }
}
