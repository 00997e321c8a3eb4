// SPDX-License-Identifier: GPL-3.0-or-later
internal import NIOCore
internal import Synchronization

/// Connections that haven't said their first message.
final class WaitingRoom: Sendable {
    private struct State {
        var isOpen = false
        /// Oldest first.
        var channels: [any Channel] = []
    }

    let admission: Admission
    private let state = Mutex(State())

    init(_ admission: Admission) { self.admission = admission }

    func open() { state.withLock { $0.isOpen = true } }

    /// Nobody is waited for any more: those who wait are sent away.
    func close() {
        let waiting = state.withLock { state in
            state.isOpen = false
            defer { state.channels = [] }
            return state.channels
        }
        for channel in waiting { channel.close(promise: nil) }
    }

    /// Takes a newcomer in, or sends it away where nobody is waited for.
    func enter(_ channel: any Channel) {
        let leaving = state.withLock { state -> (any Channel)? in
            guard state.isOpen else { return channel }
            state.channels.append(channel)
            return state.channels.count > admission.places ? state.channels.removeFirst() : nil
        }
        leaving?.close(promise: nil)
    }

    /// Whether the channel was still there.
    @discardableResult
    func leave(_ channel: any Channel) -> Bool {
        state.withLock { state in
            guard let place = state.channels.firstIndex(where: { $0 === channel }) else { return false }
            state.channels.remove(at: place)
            return true
        }
    }
}

/// Watches a newcomer's first bytes pass by to the link, which keeps them, and tells when they are a whole message.
final class AdmissionHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// What a stranger's reads take.
    static let strangers = FixedSizeRecvByteBufferAllocator(capacity: 1024)

    private let room: WaitingRoom
    private let admit: () -> Void
    private var header: [UInt8] = []
    private var count = 0
    private var timer: Scheduled<Void>?

    init(_ room: WaitingRoom, admit: @escaping () -> Void) {
        self.room = room
        self.admit = admit
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        room.enter(channel)
        timer = context.eventLoop.scheduleTask(in: TimeAmount(room.admission.time)) {
            channel.close(promise: nil)
        }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data)
        count += bytes.readableBytes
        if header.count < FrameParser.headerBytes {
            header += bytes.readableBytesView.prefix(FrameParser.headerBytes - header.count)
        }
        context.fireChannelRead(data)
        guard header.count == FrameParser.headerBytes else { return }
        let declared = header.reduce(0) { $0 << 8 | Int($1) }
        guard declared <= room.admission.message else {
            context.close(promise: nil)
            return
        }
        guard count >= FrameParser.headerBytes + declared else { return }
        timer?.cancel()
        guard room.leave(context.channel) else { return }
        let admitted = context.channel.setOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator())
        admitted.whenFailure { _ in }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        admit()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        room.leave(context.channel)
        context.fireChannelInactive()
    }
}
