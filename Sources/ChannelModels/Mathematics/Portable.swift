// SPDX-License-Identifier: GPL-3.0-or-later

/// Elementary functions that give the same bits on every machine.
///
/// Mathematical libraries differ in the last bit, so a simulator that calls them writes different files on
/// different platforms. These use only +, −, ×, ÷ and square root, which IEEE 754 defines to the last bit,
/// in a fixed order. Swift never contracts a product and a sum into a fused multiply-add on its own, and
/// there is no fast-math switch: what stands here is what is computed.
enum Portable {
    /// Adding and subtracting this rounds a double below 2⁵¹ in magnitude to the nearest integer, ties to even.
    private static let roundingConstant = 0x1.8p52

    /// Sine and cosine of 2π·`turns`; error below 3·10⁻¹⁶ after the exact reduction of the argument.
    ///
    /// - Precondition: |turns| < 2⁴⁹.
    @inline(__always)
    static func sinCos(turns: Double) -> (sin: Double, cos: Double) {
        // The nearest quarter turn is taken away exactly; its number modulo 4 says how to swap and sign.
        let shifted = turns * 4 + roundingConstant
        let quarter = shifted.bitPattern
        let rest = (turns - (shifted - roundingConstant) * 0.25) * 6.283185307179586
        let square = rest * rest
        var s = 2.8114572543455208e-15
        s = s * square - 7.647163731819816e-13
        s = s * square + 1.6059043836821613e-10
        s = s * square - 2.505210838544172e-08
        s = s * square + 2.7557319223985893e-06
        s = s * square - 0.0001984126984126984
        s = s * square + 0.008333333333333333
        s = s * square - 0.16666666666666666
        s = rest + rest * square * s
        var c = 4.779477332387385e-14
        c = c * square - 1.1470745597729725e-11
        c = c * square + 2.08767569878681e-09
        c = c * square - 2.755731922398589e-07
        c = c * square + 2.48015873015873e-05
        c = c * square - 0.001388888888888889
        c = c * square + 0.041666666666666664
        c = c * square - 0.5
        c = c * square + 1
        let swapped = quarter & 1 != 0
        let sine = swapped ? c : s
        let cosine = swapped ? s : c
        let sineSign = (quarter & 2) << 62
        let cosineSign = ((quarter &+ 1) & 2) << 62
        return (
            Double(bitPattern: sine.bitPattern ^ sineSign), Double(bitPattern: cosine.bitPattern ^ cosineSign)
        )
    }

    /// The natural logarithm of a positive, normal number; relative error below 10⁻¹⁵ away from 1.
    static func log(_ x: Double) -> Double {
        var mantissa = x.significand
        var exponent = Double(x.exponent)
        if mantissa > 1.4142135623730951 {
            mantissa *= 0.5
            exponent += 1
        }
        // ln m = 2·artanh z, |z| < 0.172.
        let z = (mantissa - 1) / (mantissa + 1)
        let square = z * z
        var sum = 1.0 / 21
        for odd in stride(from: 19, through: 1, by: -2) { sum = sum * square + 1 / Double(odd) }
        return exponent * 0.6931471805599453 + 2 * z * sum
    }

    /// The exponential of a number of moderate size (|x| < 700); relative error below 10⁻¹⁵.
    static func exp(_ x: Double) -> Double {
        let count = (x * 1.4426950408889634 + roundingConstant) - roundingConstant
        let rest = (x - count * 0x1.62e42feep-1) - count * 0x1.a39ef35793c76p-33
        var sum = 1.0
        for term in stride(from: 14, through: 1, by: -1) { sum = 1 + rest / Double(term) * sum }
        return Double(sign: .plus, exponent: Int(count), significand: sum)
    }

    /// 10·log₁₀ of a positive number.
    static func decibels(_ power: Double) -> Double { log(power) * (10 / 2.302585092994046) }

    /// The power ratio of a number of decibels.
    static func power(decibels: Double) -> Double { exp(decibels * (2.302585092994046 / 10)) }
}
