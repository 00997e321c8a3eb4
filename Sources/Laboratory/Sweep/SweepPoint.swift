// SPDX-License-Identifier: GPL-3.0-or-later
public import ChannelModels
public import QWaveCore
public import Quantization

/// One setting of a sweep: a simulated run and what makes a key of it.
public struct SweepPoint: Sendable, Hashable, Codable {
    public var model = "tgn-d"
    /// 20, 40, 80, 160 or nr.
    public var bandwidth = "20"
    public var spectrum = DopplerSpectrum.clarke
    /// dB.
    public var snr = 20.0
    /// m/s.
    public var speed = 1.0
    /// dB; nil for the model's own.
    public var riceFactor: Double?
    /// Pairs a second.
    public var rate = 50.0
    /// Seconds that make one block.
    public var duration = 600.0
    /// What sessions key; nil leaves it to commissioning. `scalar` is the run as a card that reports strengths in whole
    /// decibels would have recorded it. A baseline has features of its own, so nil.
    public var feature: FeatureKind?
    /// A quantizer of sessions (quantile-helper, equiprobable), or a baseline.
    public var quantizer = "quantile-helper"
    public var seed: UInt64 = 1

    public init() {}

    /// What may be swept, by its name on the command line and in tables.
    public static let columns = [
        "model", "bandwidth", "spectrum", "snr", "speed", "k-factor", "rate", "duration", "feature",
        "quantizer", "seed",
    ]
    /// What `feature` is called in tables where commissioning chooses.
    public static let chosenFeature = "auto"

    /// The point's value of each column, as text.
    public var values: [String] {
        [
            model, bandwidth, spectrum.rawValue, "\(snr)", "\(speed)", riceFactor.map { "\($0)" } ?? "none",
            "\(rate)", "\(duration)", feature?.rawValue ?? Self.chosenFeature, quantizer, "\(seed)",
        ]
    }

    /// Names of the quantizers that a point may have.
    public static var quantizers: [String] {
        QuantizationPlan.Labels.allCases.map(\.rawValue) + Baseline.allCases.map(\.rawValue)
    }

    /// The simulated run.
    ///
    /// Throws `.usage` for a name or number that makes no sense.
    public func parameters() throws(QWaveError) -> SimulationParameters {
        guard let width = Bandwidth(named: bandwidth) else {
            throw QWaveError(
                .usage, "a bandwidth of \(bandwidth) isn't simulated; give 20, 40, 80, 160 or nr")
        }
        var result = SimulationParameters(
            model: try ChannelModel(named: model, bandwidth: width), bandwidth: width, snr: snr, speed: speed,
            probeRate: rate, duration: duration, seed: seed)
        result.spectrum = spectrum
        result.sinusoids = spectrum.usualSinusoids
        result.riceFactor = riceFactor
        try result.validate()
        guard Self.quantizers.contains(quantizer) else {
            throw QWaveError(
                .usage,
                "no quantizer is called \"\(quantizer)\"; there are \(Self.quantizers.joined(separator: ", "))"
            )
        }
        guard feature == nil || Baseline(rawValue: quantizer) == nil else {
            throw QWaveError(
                .usage, "\(quantizer) has features of its own; give no feature with a baseline")
        }
        return result
    }
}

/// Every combination of the values of each column.
public struct SweepGrid: Sendable, Hashable {
    public var models = ["tgn-d"]
    public var bandwidths = ["20"]
    public var spectra = [DopplerSpectrum.clarke]
    public var snrs = [20.0]
    public var speeds = [1.0]
    public var riceFactors: [Double?] = [nil]
    public var rates = [50.0]
    public var durations = [600.0]
    public var features: [FeatureKind?] = [nil]
    public var quantizers = ["quantile-helper"]
    public var seeds: [UInt64] = [1]

    public init() {}

    /// The most points of a grid.
    public static let limit = 1_000_000

    /// The points, each once, in the order of the columns; a baseline's once, whatever the features.
    ///
    /// Throws `.usage` for a value that makes no sense, or more than a million points.
    public func points() throws(QWaveError) -> [SweepPoint] {
        let sizes = [
            models.count, bandwidths.count, spectra.count, snrs.count, speeds.count, riceFactors.count,
            rates.count, durations.count, features.count, quantizers.count, seeds.count,
        ]
        var total = 1
        for size in sizes {
            let (product, overflow) = total.multipliedReportingOverflow(by: size)
            guard !overflow, product <= Self.limit else {
                throw QWaveError(.usage, "the grid has more than \(Self.limit) points; sweep fewer values")
            }
            total = product
        }
        var result = [SweepPoint()]
        func each<Value>(_ values: [Value], _ path: WritableKeyPath<SweepPoint, Value>) {
            result = result.flatMap { point in
                values.map { value in
                    var next = point
                    next[keyPath: path] = value
                    return next
                }
            }
        }
        each(models, \.model)
        each(bandwidths, \.bandwidth)
        each(spectra, \.spectrum)
        each(snrs, \.snr)
        each(speeds, \.speed)
        each(riceFactors, \.riceFactor)
        each(rates, \.rate)
        each(durations, \.duration)
        each(features, \.feature)
        each(quantizers, \.quantizer)
        for index in result.indices where Baseline(rawValue: result[index].quantizer) != nil {
            result[index].feature = nil
        }
        each(seeds, \.seed)
        var seen: Set<SweepPoint> = []
        result = result.filter { seen.insert($0).inserted }
        for point in result { _ = try point.parameters() }
        return result
    }
}
