internal import NIOCore
internal import NIOPosix
// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// A listening socket inside `Transport.withListener`: serves one peer after the other.
///
/// Peers that come while another is served wait in the kernel's queue (16 at the most), and no memory is spent
/// on them. With an `Admission` the peer is whoever says a first message in time, not whoever connects first.
public struct Listener: Sendable {
    /// The port that was taken.
    public let port: Int

    private let channel: any Channel
    private let accepted: Mailbox<TCPLink>
    private let room: WaitingRoom?
    private let name: String

    /// Waits for the next peer and runs `body` on its link.
    ///
    /// - Parameter deadline: how long to wait for the peer; nil waits until cancelled.
    public func accept<Result>(
        deadline: Duration? = nil, _ body: (any Link) async throws(QWaveError) -> Result
    ) async throws(QWaveError) -> Result {
        try await Transport.closing(next(deadline: deadline), body)
    }

    /// The next peer's link, which the caller closes.
    func next(deadline: Duration? = nil) async throws(QWaveError) -> TCPLink {
        let name = name
        room?.open()
        defer { room?.close() }
        channel.read()
        return try await accepted.next(
            within: deadline, on: channel.eventLoop,
            late: QWaveError(
                .timedOut,
                "no peer connected to \(name) in time; start the connecting end, or check its host and port"))
    }

    static func bind(
        host: String, port: Int, limits: Limits, admission: Admission? = nil
    ) async throws(QWaveError) -> Listener {
        try Transport.check(port: port, lowest: 0)
        let accepted = Mailbox<TCPLink>(countLimit: 1, weightLimit: 1)
        let room = admission.map { WaitingRoom($0) }
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            // With a waiting room everybody is let into it, or sent away where nobody is waited for.
            .serverChannelOption(.autoRead, value: room != nil)
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelOption(.backlog, value: 16)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
                }
            }
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                let admit: @Sendable (TCPLink) -> Void = { link in
                    if !accepted.deliver(link, weight: 1) { link.channel.close(promise: nil) }
                }
                guard let room else {
                    return TCPLink.install(on: channel, peer: nil, limits: limits, whenActive: admit)
                        .map { _ in () }
                }
                return channel.setOption(.recvAllocator, value: AdmissionHandler.strangers).flatMap {
                    TCPLink.install(on: channel, peer: nil, limits: limits)
                }.flatMapThrowing { link in
                    // Before the link's own handler, so that it sees the bytes on their way to it.
                    try channel.pipeline.syncOperations.addHandler(
                        AdmissionHandler(room) { admit(link) }, position: .first)
                }
            }
        do {
            let channel = try await bootstrap.bind(host: host, port: port).get()
            let taken = channel.localAddress?.port ?? port
            return Listener(
                port: taken, channel: channel, accepted: accepted, room: room,
                name: Transport.name(host, taken))
        } catch {
            throw Self.explain(error, host: host, port: port)
        }
    }

    private init(
        port: Int, channel: any Channel, accepted: Mailbox<TCPLink>, room: WaitingRoom?, name: String
    ) {
        self.port = port
        self.channel = channel
        self.accepted = accepted
        self.room = room
        self.name = name
    }

    func close() async {
        let late = accepted.finish(
            QWaveError(.linkClosed, "listening on \(name) has ended"), discarding: true)
        for link in late { await link.close() }
        try? await channel.close().get()
    }

    static func explain(_ error: any Error, host: String, port: Int) -> QWaveError {
        let name = Transport.name(host, port)
        let advice =
            switch (error as? IOError)?.errnoCode {
            case inUseCode: "the port is taken; stop who holds it, or choose another (0 for any free one)"
            case noAddressCode: "this machine has no such address; give one of its own, or 0.0.0.0"
            case deniedCode: "this user may not take that port; choose one above 1023"
            default: "check the address"
            }
        return QWaveError(.unavailable, "can't listen on \(name): \(advice)", cause: error)
    }
}
