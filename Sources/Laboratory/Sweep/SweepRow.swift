// SPDX-License-Identifier: GPL-3.0-or-later

internal import ChannelModels
internal import Quantization

/// What a point of a sweep came to.
public struct SweepRow: Sendable, Hashable, Codable {
    public var point: SweepPoint
    public var pairs = 0
    public var rawBits = 0
    public var disagreement = 0.0
    /// I(A;B) of a probe, in bits, as commissioning measured it in the features that are used; 0 for baselines.
    public var informationPerProbe = 0.0
    public var leakBits = 0.0
    public var publicBits = 0
    public var keyBits = 0
    /// Net of authentication.
    public var netKeyBits = 0
    public var bitsPerMinute = 0.0
    /// A baseline's own count of bits a minute; 0 for sessions.
    public var publishedBitsPerMinute = 0.0
    /// What the channel holds, without Eve.
    public var ceilingBitsPerMinute = 0.0
    /// Empty where there is a key.
    public var refused = ""

    public init(point: SweepPoint) { self.point = point }

    /// Columns of the table, in order.
    public static let columns =
        SweepPoint.columns + [
            "pairs", "raw-bits", "disagreement", "information-per-probe", "leak-bits", "public-bits",
            "key-bits",
            "net-key-bits", "bits-per-minute", "published-bits-per-minute", "ceiling-bits-per-minute",
            "refused",
        ]

    /// One line of the table, without its line break; reasons lose what would break a column.
    var line: String {
        // A carriage return and a line feed are one character of Swift's, so scalars are looked at.
        let breaking: Set<Unicode.Scalar> = [",", "\"", "\r", "\n"]
        var reason = ""
        for scalar in refused.unicodeScalars {
            reason.unicodeScalars.append(breaking.contains(scalar) ? " " : scalar)
        }
        let results = [
            "\(pairs)", "\(rawBits)", "\(disagreement)", "\(informationPerProbe)", "\(leakBits)",
            "\(publicBits)",
            "\(keyBits)", "\(netKeyBits)", "\(bitsPerMinute)", "\(publishedBitsPerMinute)",
            "\(ceilingBitsPerMinute)", reason,
        ]
        return (point.values + results).joined(separator: ",")
    }

    /// A line of the table; nil where it isn't one.
    init?(line: some StringProtocol) {
        let parts = String(line).split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
        guard parts.count == Self.columns.count else { return nil }
        var point = SweepPoint()
        guard let spectrum = DopplerSpectrum(rawValue: parts[2]), let snr = Double(parts[3]),
            let speed = Double(parts[4]), parts[5] == "none" || Double(parts[5]) != nil,
            let rate = Double(parts[6]), let duration = Double(parts[7]), let seed = UInt64(parts[10])
        else { return nil }
        let feature = FeatureKind(rawValue: parts[8])
        guard feature != nil || parts[8] == SweepPoint.chosenFeature else { return nil }
        point.model = parts[0]
        point.bandwidth = parts[1]
        point.spectrum = spectrum
        (point.snr, point.speed, point.riceFactor) = (snr, speed, Double(parts[5]))
        (point.rate, point.duration, point.feature) = (rate, duration, feature)
        (point.quantizer, point.seed) = (parts[9], seed)
        self.init(point: point)
        guard let pairs = Int(parts[11]), let rawBits = Int(parts[12]), let disagreement = Double(parts[13]),
            let information = Double(parts[14]), let leak = Double(parts[15]),
            let publicBits = Int(parts[16]),
            let keyBits = Int(parts[17]), let net = Int(parts[18]), let minute = Double(parts[19]),
            let published = Double(parts[20]), let ceiling = Double(parts[21])
        else { return nil }
        (self.pairs, self.rawBits, self.disagreement) = (pairs, rawBits, disagreement)
        (informationPerProbe, leakBits, self.publicBits) = (information, leak, publicBits)
        (self.keyBits, netKeyBits, bitsPerMinute) = (keyBits, net, minute)
        (publishedBitsPerMinute, ceilingBitsPerMinute, refused) = (published, ceiling, parts[22])
    }

    /// A column's number, for a plot; nil for a column of names.
    public func number(_ column: String) -> Double? {
        guard let place = Self.columns.firstIndex(of: column) else { return nil }
        let parts = line.split(separator: ",", omittingEmptySubsequences: false)
        return Double(parts[place])
    }
}
