// SPDX-License-Identifier: GPL-3.0-or-later

/// A counter of few bits that wraps, made into one that grows.
///
/// The first value is kept as it was recorded. A step back of at most `backward` is a step back (packets
/// were reordered or repeated); anything else is a step forward, with a wrap where needed.
struct CounterUnwrapper {
    let modulus: Int64
    let backward: Int64
    private var last: Int64?

    init(bits: Int, backward: Int64) {
        modulus = 1 << Int64(bits)
        self.backward = backward
    }

    /// 16-bit sequence numbers: half the range either way.
    static var sequence: CounterUnwrapper { CounterUnwrapper(bits: 16, backward: 1 << 15 - 1) }
    /// 32-bit microseconds, which wrap every 71.6 minutes: back by a minute at most.
    static var microseconds: CounterUnwrapper { CounterUnwrapper(bits: 32, backward: 60_000_000) }

    mutating func next(_ raw: Int64) -> UInt64 {
        guard let last else {
            self.last = raw
            return UInt64(raw)
        }
        var step = (raw - last) % modulus
        if step < 0 { step += modulus }
        if modulus - step <= backward { step -= modulus }
        var value = last + step
        if value < 0 { value += modulus }
        self.last = value
        return UInt64(value)
    }
}
