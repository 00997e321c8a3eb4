// SPDX-License-Identifier: GPL-3.0-or-later

/// The distribution of one input or output of a check, by magnitude 0...127.
///
/// `total` is the probability of a magnitude, `balance` the part of it that tells the truth less the part that
/// lies: signs multiply, so both go through a check on their own.
struct CheckDensity {
    static let size = 128
    var total: [Double]
    var balance: [Double]

    private init() {
        total = [Double](repeating: 0, count: Self.size)
        balance = total
    }

    /// From probabilities of -127...127.
    init(values: [Double]) {
        self.init()
        total[0] = values[127]
        for magnitude in 1..<Self.size {
            total[magnitude] = values[127 + magnitude] + values[127 - magnitude]
            balance[magnitude] = values[127 + magnitude] - values[127 - magnitude]
        }
    }

    /// Adds a share of the probabilities of -limit...limit, larger magnitudes being held to the limit.
    func add(to values: inout [Double], limit: Int, share: Double) {
        for magnitude in 0..<Self.size {
            let held = min(magnitude, limit)
            values[limit + held] += share * (total[magnitude] + balance[magnitude]) / 2
            values[limit - held] += share * (total[magnitude] - balance[magnitude]) / 2
        }
    }

    /// The decoder's correction of the smaller magnitude.
    static func correction(_ x: Int) -> Int { x <= 1 ? 2 : x <= 5 ? 1 : 0 }

    /// The decoder's joining of two magnitudes.
    static func join(_ a: Int, _ b: Int) -> Int {
        max(0, min(a, b) + correction(a + b) - correction(abs(a - b)))
    }

    /// The decoder's joining of two independent inputs.
    static func join(_ a: CheckDensity, _ b: CheckDensity) -> CheckDensity {
        var joined = CheckDensity()
        join(a.total, b.total, &joined.total)
        join(a.balance, b.balance, &joined.balance)
        return joined
    }

    /// Magnitudes that are more than this apart join to the smaller.
    private static let reach = 5

    private static let near: [[(b: Int, to: Int)]] = (0..<size).map { a in
        (max(0, a - reach)...min(size - 1, a + reach)).map { ($0, join(a, $0)) }
    }

    private static func join(_ a: [Double], _ b: [Double], _ out: inout [Double]) {
        var above = (a: 0.0, b: 0.0)
        for x in (0..<size).reversed() {
            let beyond = x + reach + 1
            if beyond < size { above = (above.a + a[beyond], above.b + b[beyond]) }
            out[x] += a[x] * above.b + b[x] * above.a
            let weight = a[x]
            for pair in near[x] { out[pair.to] += weight * b[pair.b] }
        }
    }
}
