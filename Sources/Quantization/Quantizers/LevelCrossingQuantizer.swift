// SPDX-License-Identifier: GPL-3.0-or-later

/// One bit an excursion: a run of at least m samples in a row, all above q₊ or all below q₋.
///
/// Mathur, Trappe, Mandayam, Ye and Reznik, *Radio-telepathy*, MobiCom 2008. The initiator says the centers of her
/// excursions (a random part of them against spoofing), the responder which of those lie in one of his; both lists
/// are public and charged. A kept share below ½ + ε means that somebody else's probes are among them.
public struct LevelCrossingQuantizer: Sendable, Hashable {
    /// Samples in a row beyond one threshold.
    public struct Excursion: Sendable, Hashable {
        public var samples: ClosedRange<Int>
        public var isAbove: Bool
        /// ⌊(first + last)/2⌋.
        public var center: Int { (samples.lowerBound + samples.upperBound) / 2 }
    }

    public let alpha: Double
    /// m, the least length of an excursion.
    public let run: Int
    private let band: GuardBandQuantizer

    /// - Precondition: α is not negative and the run is 2 or more.
    public init(alpha: Double = 0.125, run: Int = 4) {
        precondition(run >= 2, "an excursion has more than one sample")
        self.alpha = alpha
        self.run = run
        band = GuardBandQuantizer(alpha: alpha)
    }

    /// q₋ and q₊ of a stream.
    public func thresholds(of samples: [Double]) -> (low: Double, high: Double) {
        band.thresholds(of: samples)
    }

    /// The excursions of a stream, in order.
    public func excursions(of samples: [Double]) -> [Excursion] {
        let (sides, count) = (band.bits(of: samples), samples.count)
        var result: [Excursion] = []
        var start = 0
        while start < count {
            guard let side = sides[start] else {
                start += 1
                continue
            }
            var end = start
            while end + 1 < count, sides[end + 1] == side { end += 1 }
            if end - start + 1 >= run { result.append(Excursion(samples: start...end, isAbove: side)) }
            start = end + 1
        }
        return result
    }

    /// The responder's bit for each center that was said: nil where the m − 1 samples from ⌊(m − 2)/2⌋ before it to
    /// ⌈(m − 2)/2⌉ behind it aren't on one side.
    public func bits(of samples: [Double], at centers: [Int]) -> [Bool?] {
        let sides = band.bits(of: samples)
        return centers.map { center in
            let first = center - (run - 2) / 2
            let last = center + (run - 1) / 2
            guard first >= 0, last < samples.count, let side = sides[first] else { return nil }
            return (first...last).allSatisfy { sides[$0] == side } ? side : nil
        }
    }
}
