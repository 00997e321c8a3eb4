// SPDX-License-Identifier: GPL-3.0-or-later
internal import NIOCore
internal import QWaveCore
internal import Synchronization

/// A link over one TCP connection.
///
/// `send` returns when the kernel has taken the whole message, so a slow reader slows the sender. A deadline or
/// a cancellation in the middle of a `send` closes the link, for part of the message may be out; in `receive`
/// they leave the link and its messages as they were.
struct TCPLink: Link {
    /// How long closing waits for the peer's own close, so that a last message isn't lost to a reset.
    static let linger = Duration.seconds(1)

    let channel: any Channel
    let state: LinkState

    func send(_ message: [UInt8]) async throws(QWaveError) {
        guard message.count <= state.limits.message else {
            throw QWaveError(
                .internalFault,
                "a message of \(message.count) bytes was to be sent, at most \(state.limits.message) are allowed"
            )
        }
        if Task.isCancelled { throw QWaveError(.cancelled, "the send to \(state.peer) was cancelled") }
        if let end = state.inbox.end { throw end }
        state.sending.add(1, ordering: .sequentiallyConsistent)
        defer { state.sending.subtract(1, ordering: .sequentiallyConsistent) }

        let loop = channel.eventLoop
        let written = loop.makePromise(of: Void.self)
        let timer = loop.scheduleTask(in: TimeAmount(state.limits.wait)) {
            abandon(
                QWaveError(
                    .timedOut,
                    "the peer \(state.peer) took no bytes for \(state.limits.wait); the link was closed"))
        }
        defer { timer.cancel() }
        channel.writeAndFlush(FrameParser.frame(message, allocator: channel.allocator), promise: written)
        do {
            try await withTaskCancellationHandler {
                try await written.futureResult.get()
            } onCancel: {
                abandon(
                    QWaveError(.cancelled, "the send to \(state.peer) was cancelled; the link was closed"))
            }
        } catch {
            throw state.inbox.end ?? state.closedByPeer(cause: error)
        }
    }

    func receive() async throws(QWaveError) -> [UInt8] {
        let peer = state.peer
        let wait = state.limits.wait
        defer { resumeReading() }
        return try await state.inbox.next(
            within: wait, on: channel.eventLoop,
            late: QWaveError(.timedOut, "nothing came from the peer \(peer) for \(wait)"))
    }

    func close() async {
        state.inbox.finish(QWaveError(.linkClosed, "this end closed the link to \(state.peer)"))
        if !state.closing.exchange(true, ordering: .sequentiallyConsistent) {
            if state.sending.load(ordering: .sequentiallyConsistent) > 0 {
                channel.close(mode: .all, promise: nil)
            } else {
                channel.close(mode: .output, promise: nil)
                channel.read()
                let channel = channel
                let timer = channel.eventLoop.scheduleTask(in: TimeAmount(Self.linger)) {
                    channel.close(mode: .all, promise: nil)
                }
                channel.closeFuture.whenComplete { _ in timer.cancel() }
            }
        }
        // The close future only ever succeeds, and at the latest when the linger is over.
        try? await channel.closeFuture.get()
    }

    private func abandon(_ reason: QWaveError) {
        state.inbox.finish(reason)
        channel.close(mode: .all, promise: nil)
    }

    private func resumeReading() {
        guard state.paused.load(ordering: .sequentiallyConsistent), state.inbox.hasRoom else { return }
        if state.paused.exchange(false, ordering: .sequentiallyConsistent) { channel.read() }
    }

    /// A fresh link on a channel that isn't active yet; `whenActive` gets it as soon as it is.
    static func install(
        on channel: any Channel, peer: String?, limits: Limits,
        whenActive: (@Sendable (TCPLink) -> Void)? = nil
    ) -> EventLoopFuture<TCPLink> {
        channel.eventLoop.makeCompletedFuture {
            let peer = peer ?? channel.remoteAddress.map(Self.name) ?? "at an unknown address"
            let link = TCPLink(channel: channel, state: LinkState(limits: limits, peer: peer))
            let handler = LinkHandler(state: link.state) { whenActive?(link) }
            try channel.pipeline.syncOperations.addHandler(handler)
            return link
        }
    }

    private static func name(_ address: SocketAddress) -> String {
        guard let host = address.ipAddress, let port = address.port else { return "\(address)" }
        return Transport.name(host, port)
    }
}
