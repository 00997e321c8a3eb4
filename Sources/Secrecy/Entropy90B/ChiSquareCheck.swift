// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// A chi-square test of SP 800-90B, 5.2.1 to 5.2.4.
public struct ChiSquareCheck: Sendable, Hashable, Codable {
    /// T, the sum of squared deviations over expectations.
    public let statistic: Double
    public let degrees: Int
    /// P[χ² > T] of independent symbols of one law.
    public let probability: Double

    /// Whether that isn't below 1/1000; false also where the series is too lopsided to be tested.
    public var passed: Bool { degrees > 0 && probability >= 0.001 }

    private init(_ statistic: Double, degrees: Int) {
        self.statistic = statistic
        self.degrees = degrees
        probability = degrees > 0 ? ChiSquare(degrees: Double(degrees)).upperTail(statistic) : 0
    }

    /// Whether symbols depend on those before: 5.2.3 for two symbols, 5.2.1 for more.
    static func independence(_ series: SymbolSeries) -> ChiSquareCheck {
        if series.alphabet <= 2 { return bitIndependence(series.numbers) }
        let symbols = series.numbers
        let shares = Self.shares(symbols[...], series.alphabet)
        let pairs = symbols.count / 2
        let bins = Bins(
            expected: shares.flatMap { first in shares.map { first * $0 * Double(pairs) } })
        var observed = [Int](repeating: 0, count: bins.expected.count)
        for pair in 0..<pairs {
            let cell = Int(symbols[2 * pair]) * series.alphabet + Int(symbols[2 * pair + 1])
            observed[bins.bin[cell]] += 1
        }
        return ChiSquareCheck(
            distance(observed, bins.expected), degrees: bins.expected.count - series.alphabet)
    }

    /// Whether ten parts of the series have one law: 5.2.4 for two symbols, 5.2.2 for more.
    static func fit(_ series: SymbolSeries) -> ChiSquareCheck {
        let length = series.count / 10
        let shares = Self.shares(series.numbers[...], series.alphabet)
        let expected = shares.map { $0 * Double(length) }
        // Two symbols are never put together, however rare one is.
        let bins = series.alphabet <= 2 ? Bins(separate: expected) : Bins(expected: expected)
        var sum = 0.0
        for part in 0..<10 {
            var observed = [Int](repeating: 0, count: bins.expected.count)
            for symbol in series.numbers[part * length..<(part + 1) * length] {
                observed[bins.bin[Int(symbol)]] += 1
            }
            sum += distance(observed, bins.expected)
        }
        return ChiSquareCheck(sum, degrees: 9 * (bins.expected.count - 1))
    }

    /// 5.2.3: strings of as many bits as still let the rarest string be expected five times.
    private static func bitIndependence(_ bits: [UInt8]) -> ChiSquareCheck {
        let shares = Self.shares(bits[...], 2)
        let length = stride(from: 11, through: 2, by: -1).first { length in
            pow(min(shares[0], shares[1]), Double(length)) * Double(bits.count / length) >= 5
        }
        guard let length else { return ChiSquareCheck(0, degrees: 0) }
        let strings = bits.count / length
        var observed = [Int](repeating: 0, count: 1 << length)
        for string in 0..<strings {
            observed[bits[string * length..<(string + 1) * length].reduce(0) { $0 << 1 | Int($1) }] += 1
        }
        let expected = observed.indices.map { value in
            let ones = Double(value.nonzeroBitCount)
            return pow(shares[1], ones) * pow(shares[0], Double(length) - ones) * Double(strings)
        }
        return ChiSquareCheck(distance(observed, expected), degrees: (1 << length) - 2)
    }

    private static func shares(_ symbols: ArraySlice<UInt8>, _ alphabet: Int) -> [Double] {
        var counts = [Int](repeating: 0, count: max(2, alphabet))
        for symbol in symbols { counts[Int(symbol)] += 1 }
        return counts.map { Double($0) / Double(max(1, symbols.count)) }
    }

    private static func distance(_ observed: [Int], _ expected: [Double]) -> Double {
        zip(observed, expected).reduce(0) { sum, cell in
            let deviation = Double(cell.0) - cell.1
            return cell.1 > 0 ? sum + deviation * deviation / cell.1 : sum
        }
    }
}

/// Cells put together, the rarest first, until five are expected in each bin.
private struct Bins {
    /// The bin of each cell.
    private(set) var bin: [Int]
    /// What is expected in each bin.
    private(set) var expected: [Double] = []

    init(separate expected: [Double]) {
        bin = Array(expected.indices)
        self.expected = expected
    }

    init(expected cells: [Double]) {
        bin = [Int](repeating: 0, count: cells.count)
        let order = cells.indices.sorted { (cells[$0], $0) < (cells[$1], $1) }
        var current = 0.0
        for cell in order {
            if current >= 5 {
                expected.append(current)
                current = 0
            }
            bin[cell] = expected.count
            current += cells[cell]
        }
        if current < 5, let last = expected.last {
            // What is left over joins the last full bin.
            for cell in bin.indices where bin[cell] == expected.count { bin[cell] -= 1 }
            expected[expected.count - 1] = last + current
        } else {
            expected.append(current)
        }
    }
}
