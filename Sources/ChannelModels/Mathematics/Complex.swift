// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// A complex number in double precision, for the simulator's inner arithmetic.
struct Complex: BitwiseCopyable, Hashable, Sendable, Codable {
    var re: Double
    var im: Double

    @inline(__always) init(_ re: Double, _ im: Double) {
        self.re = re
        self.im = im
    }

    @inline(__always) static var zero: Complex { Complex(0, 0) }
    @inline(__always) var power: Double { re * re + im * im }
    @inline(__always) var conjugate: Complex { Complex(re, -im) }
    @inline(__always) var iq: IQ { IQ(Float(re), Float(im)) }

    @inline(__always) static func + (a: Complex, b: Complex) -> Complex { Complex(a.re + b.re, a.im + b.im) }
    @inline(__always) static func * (a: Complex, b: Complex) -> Complex {
        Complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)
    }
    @inline(__always) static func * (a: Complex, s: Double) -> Complex { Complex(a.re * s, a.im * s) }

    /// exp(j2π·`turns`).
    @inline(__always) static func turned(_ turns: Double) -> Complex {
        let (sin, cos) = Portable.sinCos(turns: turns)
        return Complex(cos, sin)
    }
}
