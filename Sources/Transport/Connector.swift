// SPDX-License-Identifier: GPL-3.0-or-later
internal import NIOCore
internal import NIOPosix
internal import QWaveCore

/// Reaches a listening peer before a deadline, however often it must try.
struct Connector {
    let host: String
    let port: Int
    let deadline: Duration
    let limits: Limits

    private var peer: String { Transport.name(host, port) }

    func connect() async throws(QWaveError) -> TCPLink {
        try Transport.check(port: port, lowest: 1)
        let clock = ContinuousClock()
        let end = clock.now + deadline
        var pause = Duration.milliseconds(100)
        var refusal: QWaveError?
        while true {
            let failure: QWaveError
            do {
                return try await attempt(within: max(.zero, end - clock.now))
            } catch {
                // A last try that the deadline cut short knows less than those before it.
                failure = error.code == .timedOut ? refusal ?? error : error
                if error.code == .unavailable { refusal = error }
            }
            guard failure.code == .unavailable, !isFinal(failure), clock.now + pause < end else {
                throw failure
            }
            do { try await Task.sleep(for: pause) } catch {
                throw QWaveError(.cancelled, "connecting to \(peer) was cancelled")
            }
            pause = min(pause * 2, .seconds(2))
        }
    }

    /// One try. The dialing itself can't be cancelled, so it runs beside the wait, and a link that comes too late
    /// is closed unseen.
    func attempt(within time: Duration) async throws(QWaveError) -> TCPLink {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let box = Mailbox<TCPLink>(countLimit: 1, weightLimit: 1)
        let (host, port, peer, limits) = (host, port, peer, limits)
        let bootstrap = ClientBootstrap(group: loop)
            .channelOption(.autoRead, value: false)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(TimeAmount(time + .milliseconds(50)))
        Task {
            do {
                let link = try await bootstrap.connect(host: host, port: port) { channel in
                    TCPLink.install(on: channel, peer: peer, limits: limits)
                }
                if !box.deliver(link, weight: 1) { await link.close() }
            } catch {
                box.finish(Self.explain(error, peer: peer))
            }
        }
        do throws(QWaveError) {
            return try await box.next(
                within: time, on: loop,
                late: QWaveError(
                    .timedOut, "no answer from \(peer) in time; check the host, the network and its firewall")
            )
        } catch {
            for link in box.finish(error, discarding: true) { await link.close() }
            throw error
        }
    }

    private func isFinal(_ error: QWaveError) -> Bool {
        guard let cause = error.cause as? NIOConnectionError else { return false }
        return cause.connectionErrors.isEmpty
    }

    /// What went wrong with a try, and what to do about it.
    static func explain(_ error: any Error, peer: String) -> QWaveError {
        guard let error = error as? NIOConnectionError else {
            if case .connectTimeout? = error as? ChannelError {
                return QWaveError(
                    .timedOut, "no answer from \(peer) in time; check the host, the network and its firewall")
            }
            return QWaveError(.unavailable, "\(peer) can't be reached", cause: error)
        }
        if error.connectionErrors.isEmpty {
            return QWaveError(
                .unavailable, "the host of \(peer) can't be resolved; check its spelling, or give an address",
                cause: error)
        }
        let failures = error.connectionErrors.map(\.error)
        if failures.contains(where: { ($0 as? IOError)?.errnoCode == refusedCode }) {
            return QWaveError(
                .unavailable, "nobody listens at \(peer); start the listening end, or check host and port",
                cause: error)
        }
        if failures.allSatisfy({ if case .connectTimeout? = $0 as? ChannelError { true } else { false } }) {
            return QWaveError(
                .timedOut, "no answer from \(peer) in time; check the host, the network and its firewall",
                cause: error)
        }
        return QWaveError(
            .unavailable, "\(peer) can't be reached; check the network, the address and its firewall",
            cause: error)
    }
}
