// SPDX-License-Identifier: GPL-3.0-or-later
internal import NIOCore
internal import QWaveCore
internal import Synchronization

/// What the event loop and the link's tasks share.
final class LinkState: Sendable {
    /// Received messages: at most 256 or about 1 MiB wait before reading stops, plus what one read brings.
    let inbox = Mailbox<[UInt8]>(countLimit: 256, weightLimit: 1 << 20)
    /// True while reading has stopped for want of room.
    let paused = Atomic<Bool>(false)
    /// Sends that have begun and not ended.
    let sending = Atomic<Int>(0)
    let closing = Atomic<Bool>(false)
    let limits: Limits
    /// The peer's address, for messages.
    let peer: String

    init(limits: Limits, peer: String) {
        self.limits = limits
        self.peer = peer
    }

    func closedByPeer(_ detail: String = "", cause: (any Error)? = nil) -> QWaveError {
        QWaveError(.linkClosed, "the peer \(peer) closed the link\(detail)", cause: cause)
    }
}

/// The receiving end of a TCP channel: bytes to messages to the inbox, and no read without room for its result.
final class LinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let state: LinkState
    private var parser: FrameParser
    /// Called once, when the channel can carry messages.
    private var whenActive: (() -> Void)?

    init(state: LinkState, whenActive: (() -> Void)? = nil) {
        self.state = state
        self.whenActive = whenActive
        parser = FrameParser(limit: state.limits.message)
    }

    func channelActive(context: ChannelHandlerContext) {
        whenActive?()
        whenActive = nil
        readIfRoom(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // After the end, bytes are only drained so that the closing handshake can finish.
        guard state.inbox.end == nil else { return }
        var bytes = Self.unwrapInboundIn(data)
        parser.append(&bytes)
        do {
            while let message = try parser.next() { state.inbox.deliver(message, weight: message.count + 16) }
        } catch {
            state.inbox.finish(error)
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        readIfRoom(context)
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        let missing = parser.pendingBytes > 0 ? " in the middle of a message" : ""
        state.inbox.finish(state.closedByPeer(missing))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        state.inbox.finish(state.closedByPeer(" abruptly", cause: error))
        context.close(promise: nil)
    }

    /// `paused` is set before room is looked for, and a receiver makes room before it looks at `paused`: one of
    /// the two always sees the other.
    private func readIfRoom(_ context: ChannelHandlerContext) {
        state.paused.store(true, ordering: .sequentiallyConsistent)
        guard state.inbox.hasRoom || state.inbox.end != nil else { return }
        state.paused.store(false, ordering: .sequentiallyConsistent)
        context.read()
    }
}
