// SPDX-License-Identifier: GPL-3.0-or-later

/// The messages of one end, in two buffers in turn: by the time that one is filled again, its last message has been
/// sent, so a round takes no memory of its own. A message that is still held by somebody is left to its holder.
struct CascadeBuffers: Sendable {
    private var current: [UInt8] = []
    private var other: [UInt8] = []

    /// A message of `count` bytes, at least one, whose first is `type`; the others are up to `fill`.
    mutating func message(_ type: UInt8, count: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Void) -> [UInt8]
    {
        swap(&current, &other)
        if current.count > count {
            current.removeLast(current.count - count)
        } else {
            current.reserveCapacity(count)
            while current.count < count { current.append(0) }
        }
        unsafe current.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe base.pointee = type
            unsafe fill(base + 1)
        }
        return current
    }
}
