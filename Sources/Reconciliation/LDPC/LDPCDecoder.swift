// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels

/// A decoder of syndromes for one LDPC code, with all its memory; nothing is allocated per frame.
///
/// Log-likelihood ratios are in the code's unit, positive for bit 0, kept to ±100 by the caller. Bit i of a frame
/// is place i mod lift of column i / lift; without shifts, place z of column i is bit i of frame z.
///
/// ```swift
/// decoder.load(bits, magnitude: 10)          // Bob's bits and how far to trust them
/// decoder.forget()                           // a cold start
/// let outcome = decoder.decode(syndrome.span, iterations: 60)
/// if outcome.unsatisfied == 0 { decoder.withDecisions { … } }
/// ```
///
/// After a failure, raise `level` and decode again with the longer syndrome: the messages stay good. Not for use
/// from two tasks at once. What it held is wiped when it goes.
@safe
public final class LDPCDecoder {
    /// What a decoding came to.
    public struct Outcome: Sendable, Equatable {
        /// Iterations used; 0 when the bits satisfied the syndrome as they came.
        public var iterations: Int
        /// Of the lanes asked for, those whose checks aren't satisfied; for a shifted code zero or not is all it tells.
        public var unsatisfied: UInt64
    }

    public let code: LDPCCode
    private let kernel: LDPCKernel
    private let stride: Int
    private let posteriors: UnsafeMutableBufferPointer<Int8>
    private let messages: UnsafeMutableBufferPointer<Int8>
    private let decisions: UnsafeMutableBufferPointer<UInt64>
    private var bounds: [UInt32]

    /// The level whose rows are decoded, 0 to `code.levels`.
    public var level = 0 {
        didSet { if level != oldValue { bounds = code.boundaries(level: level) } }
    }

    public init(_ code: LDPCCode, level: Int = 0, kernel: LDPCKernel = .automatic) {
        func zeros<T>(_ count: Int, _ zero: T) -> UnsafeMutableBufferPointer<T> {
            let raw = UnsafeMutableRawBufferPointer.allocate(
                byteCount: count * MemoryLayout<T>.stride, alignment: 64)
            return unsafe raw.initializeMemory(as: T.self, repeating: zero)
        }
        self.code = code
        self.kernel = kernel
        stride = qw_ldpc_stride(UInt32(code.lift))
        unsafe posteriors = zeros(code.columns * stride, 0)
        unsafe messages = zeros(code.edges.count * stride, 0)
        unsafe decisions = zeros(code.columns * code.rowWords, 0)
        bounds = code.boundaries(level: level)
        self.level = level
    }

    deinit {
        func wipe<T>(_ buffer: UnsafeMutableBufferPointer<T>) {
            unsafe qw_wipe(buffer.baseAddress, buffer.count * MemoryLayout<T>.stride)
            unsafe buffer.deallocate()
        }
        unsafe wipe(posteriors)
        unsafe wipe(messages)
        unsafe wipe(decisions)
    }

    /// Sets every posterior from packed bits: `magnitude` for 0, its negative for 1.
    ///
    /// - Precondition: `bits` has `code.bitCount` bits.
    public func load(_ bits: Span<UInt64>, magnitude: Int8) {
        precondition(bits.count == code.columns * code.rowWords, "a frame of another length")
        unsafe bits.withUnsafeBufferPointer { bits in
            unsafe code.withKernelCode(bounds) {
                unsafe qw_ldpc_load(kernel.rawValue, $0, bits.baseAddress, magnitude, posteriors.baseAddress)
            }
        }
    }

    /// Sets every posterior, column by column.
    ///
    /// - Precondition: `values` has `code.bitCount` values.
    public func load(_ values: Span<Int8>) {
        precondition(values.count == code.bitCount, "a frame of another length")
        for column in 0..<code.columns {
            for place in 0..<code.lift {
                unsafe posteriors[column * stride + place] = values[column * code.lift + place]
            }
        }
    }

    /// Sets the posteriors of one lane, the bits of one frame.
    ///
    /// - Precondition: the code isn't shifted, and `values` has `code.columns` values.
    public func load(_ values: Span<Int8>, lane: Int) {
        precondition(!code.isShifted && values.count == code.columns && lane >= 0 && lane < 64)
        for column in 0..<code.columns { unsafe posteriors[column * stride + lane] = values[column] }
    }

    /// The posterior of one place, to read it or to put down what is known of the bit.
    public subscript(column column: Int, place place: Int) -> Int8 {
        get {
            precondition(column >= 0 && column < code.columns && place >= 0 && place < code.lift)
            return unsafe posteriors[column * stride + place]
        }
        set {
            precondition(column >= 0 && column < code.columns && place >= 0 && place < code.lift)
            unsafe posteriors[column * stride + place] = newValue
        }
    }

    /// Forgets what the checks said: the next decoding starts cold.
    public func forget() {
        unsafe messages.update(repeating: 0)
    }

    /// Forgets what the checks said to one lane.
    public func forget(lane: Int) {
        precondition(!code.isShifted && lane >= 0 && lane < 64)
        for edge in 0..<code.edges.count { unsafe messages[edge * stride + lane] = 0 }
    }

    /// Decodes until the decisions satisfy the syndrome or `iterations` more are done.
    ///
    /// - Parameters:
    ///   - syndrome: as `code.syndrome(of:level:)` lays it out, at `level`.
    ///   - lanes: where there are no shifts, the frames that matter.
    /// - Precondition: `syndrome` has the length that `level` asks for.
    public func decode(
        _ syndrome: Span<UInt64>, iterations: Int, lanes: UInt64 = .max
    ) -> Outcome {
        precondition(syndrome.count == (bounds.count - 1) * code.rowWords, "a syndrome of another length")
        var unsatisfied = lanes
        let used = unsafe syndrome.withUnsafeBufferPointer { syndrome in
            unsafe code.withKernelCode(bounds) {
                unsafe qw_ldpc_decode(
                    kernel.rawValue, $0, syndrome.baseAddress, posteriors.baseAddress, messages.baseAddress,
                    decisions.baseAddress, &unsatisfied, Int32(iterations))
            }
        }
        return Outcome(iterations: Int(used), unsatisfied: unsatisfied)
    }

    /// Calls `body` with the packed decisions of the last decoding: words as `code.syndrome(of:level:)` takes them.
    public func withDecisions<R, E: Error>(_ body: (Span<UInt64>) throws(E) -> R) throws(E) -> R {
        try body(unsafe Span(_unsafeElements: UnsafeBufferPointer(decisions)))
    }
}

/// Transposes 64 words of 64 bits: bit j of word i changes places with bit i of word j.
func transpose64(_ words: inout [UInt64]) {
    precondition(words.count == 64, "a square of 64 by 64 bits")
    unsafe words.withUnsafeMutableBufferPointer {
        unsafe qw_ldpc_transpose($0.baseAddress, $0.baseAddress)
    }
}
