// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelModels
public import QWaveCore
internal import Transport

/// Lets radios of other processes into an ether: over TCP, a request and an answer at a time.
///
/// Simulation only: nothing is authenticated, for nothing is secret. A radio whose connection ends has left.
public struct EtherServer: Sendable {
    private let ether: Ether

    public init(_ ether: Ether) { self.ether = ether }

    /// Waits of one message, or for a radio that others wait for.
    static let limits = Limits(wait: .seconds(3600))

    /// Serves until cancelled.
    ///
    /// - Parameter ready: called with the port that was taken.
    public func serve(
        host: String, port: Int, ready: @Sendable (Int) -> Void = { _ in }
    ) async throws(QWaveError) {
        try await Transport.withListener(host: host, port: port, limits: Self.limits) {
            listener async throws(QWaveError) in
            ready(listener.port)
            await withDiscardingTaskGroup { group in
                // One accept at a time: a listener takes one connection for each.
                while !Task.isCancelled {
                    let turn = AsyncStream<Bool>.makeStream()
                    group.addTask {
                        do throws(QWaveError) {
                            try await listener.accept { link async throws(QWaveError) in
                                turn.continuation.yield(true)
                                try await serve(link)
                            }
                        } catch {
                            // One radio's end is no other's; the listener's own end is.
                            turn.continuation.yield(error.code != .cancelled && error.code != .unavailable)
                        }
                        turn.continuation.finish()
                    }
                    var iterator = turn.stream.makeAsyncIterator()
                    guard await iterator.next() == true else { break }
                }
            }
        }
    }

    /// Serves one radio over a link, until it closes.
    func serve(_ link: any Link) async throws(QWaveError) {
        var radio: VirtualTransceiver?
        do throws(QWaveError) {
            while true {
                let request = try EtherRequest(try await link.receive())
                let answer: EtherAnswer
                do throws(QWaveError) {
                    answer = try await self.answer(request, &radio)
                } catch {
                    answer = .failed(error)
                }
                try await link.send(answer.encoded)
            }
        } catch {
            await radio?.close()
            if error.code != .linkClosed { throw error }
        }
    }

    private func answer(
        _ request: EtherRequest, _ radio: inout VirtualTransceiver?
    ) async throws(QWaveError) -> EtherAnswer {
        if case .join(let end) = request {
            guard radio == nil else { throw QWaveError(.protocolViolation, "this radio has joined already") }
            let joined = try ether.join(end)
            radio = joined
            return .joined(joined.capabilities)
        }
        guard let radio else { throw QWaveError(.protocolViolation, "a radio joins first") }
        switch request {
        case .join: return .done
        case .now: return .time(try await radio.now())
        case .transmit(let burst):
            try await radio.transmit(burst)
            return .done
        case .receive(let window): return .samples(try await radio.receive(window))
        case .events: return .events(try await radio.events())
        case .rest:
            await radio.rest()
            return .done
        }
    }
}
