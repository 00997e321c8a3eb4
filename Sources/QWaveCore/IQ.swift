// SPDX-License-Identifier: GPL-3.0-or-later

/// One complex sample or gain: in-phase and quadrature, in the unit of the recording.
///
/// A plain pair of floats rather than a numeric protocol's complex type: it is bitwise copyable, so
/// arrays of it move as bytes, and its parts are read without a test for finiteness.
public struct IQ: BitwiseCopyable, Hashable, Sendable {
    public var re: Float
    public var im: Float

    @inlinable public init(_ re: Float, _ im: Float) {
        self.re = re
        self.im = im
    }

    @inlinable public static var zero: IQ { IQ(0, 0) }
    /// re² + im².
    @inlinable public var power: Float { re * re + im * im }
    @inlinable public var amplitude: Float { power.squareRoot() }
    @inlinable public var conjugate: IQ { IQ(re, -im) }
    @inlinable public var isFinite: Bool { re.isFinite && im.isFinite }

    @inlinable public static func + (a: IQ, b: IQ) -> IQ { IQ(a.re + b.re, a.im + b.im) }
    @inlinable public static func - (a: IQ, b: IQ) -> IQ { IQ(a.re - b.re, a.im - b.im) }
    @inlinable public static func * (a: IQ, b: IQ) -> IQ {
        IQ(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)
    }
    @inlinable public static func * (a: IQ, s: Float) -> IQ { IQ(a.re * s, a.im * s) }
}
