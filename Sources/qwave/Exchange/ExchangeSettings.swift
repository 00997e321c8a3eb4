// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Foundation
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Secrecy

/// The choices of an exchange, for replay, pair and demo: both ends must be given the same.
struct ExchangeSettings: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "quantile-helper: zero-leakage helper data; equiprobable: Gray labels alone.", valueName: "name"),
        transform: { try Choice.parse($0, QuantizationPlan.Labels.self) })
    var quantizer = QuantizationPlan.Labels.helper

    @Option(
        help: ArgumentHelp(
            "scalar, amplitude, canonical, synchronized (slower, more key of a walk) or aligned (an experiment); chosen by "
                + "commissioning unless given.",
            valueName: "name"),
        transform: { try Choice.parse($0, FeatureKind.self) })
    var feature: FeatureKind?

    @Option(
        help: ArgumentHelp("Over subcarriers: klt, identity, or dct over time too.", valueName: "name"),
        transform: { try Choice.parse($0, Decorrelation.self) })
    var decorrelation = Decorrelation.klt

    @Option(help: ArgumentHelp("Snapshots in a block of the dct.", valueName: "n"))
    var timeBlock = 1

    @Option(help: ArgumentHelp("Bits of a symbol at the most, 1 to 7.", valueName: "M"))
    var bits = 6

    @Option(help: ArgumentHelp("Public helper bits of a symbol; chosen unless given.", valueName: "B"))
    var helperBits: Int?

    @Option(help: ArgumentHelp("Keep every n-th pair; chosen unless given.", valueName: "n"))
    var stride: Int?

    @Option(help: ArgumentHelp("Pairs of the trend's moving mean; chosen unless given.", valueName: "n"))
    var trendWindow: Int?

    @Option(
        help: ArgumentHelp("Fraction of the pairs that commissions; at least 1,024 do.", valueName: "0..1"))
    var commission = 0.2

    @Option(help: ArgumentHelp("Pairs a second, where the captures don't say.", valueName: "1/s"))
    var rate: Double?

    @Option(
        help: ArgumentHelp("Reconciliation: auto (what the quantizer suits), or a name.", valueName: "name"))
    var reconciler = "auto"

    @Option(
        help: ArgumentHelp(
            "What an SP 800-90B assessment is worth: ratio (to a uniform control), or strict (taken raw).",
            valueName: "rule"), transform: { try Choice.parse($0, EntropyRule.self) })
    var entropy = EntropyRule.ratio

    @Option(help: ArgumentHelp("Radius without any other antenna.", valueName: "m"))
    var exclusionRadius = 0.5

    @Flag(help: "The ends see each other: Eve is charged 0.9 of the diffuse part.")
    var lineOfSight = false

    @Option(
        help: ArgumentHelp(
            "What all of Eve's antennas tell of one component, as a correlation, by a model of the site that a capture of "
                + "hers supports; 0.4 is charged at the least.", valueName: "0..1"))
    var siteCorrelation: Double?

    @Option(
        help: ArgumentHelp("A threat-model file (JSON) instead of the passive default.", valueName: "file"))
    var threatModel: String?

    func validate() throws {
        guard exclusionRadius.isFinite, exclusionRadius >= 0 else {
            throw ValidationError("--exclusion-radius is a length in meters, not \(exclusionRadius)")
        }
        guard siteCorrelation.map({ $0 >= 0 && $0 < 1 }) ?? true else {
            throw ValidationError("--site-correlation is below 1, and not negative")
        }
    }

    /// - Parameter carrier: in Hz, for the exclusion radius in wavelengths; 2.437 GHz where nothing is known.
    func options(carrier: Double? = nil) throws(QWaveError) -> ExchangeOptions {
        var options = ExchangeOptions()
        options.labels = quantizer
        options.feature = feature
        options.decorrelation = decorrelation
        options.timeBlock = timeBlock
        options.maximumBits = bits
        options.helperBits = helperBits
        options.stride = stride
        options.trendWindow = trendWindow
        options.commissioning = commission
        options.rate = rate
        options.reconciler = reconciler
        options.entropy = entropy
        if let threatModel {
            options.threatModel = try ThreatModel(json: try Files.read(threatModel, limit: 1 << 20))
            try options.threatModel.checkSecret()
            try options.threatModel.checkRadius(carrier: carrier, isStated: true)
        } else {
            let wavelength = ThreatModel.lightSpeed / (carrier ?? 2.437e9)
            options.threatModel.exclusionRadius = exclusionRadius
            options.threatModel.exclusionWavelengths = (exclusionRadius / wavelength * 1000).rounded() / 1000
            options.threatModel.lineOfSight = lineOfSight
            options.threatModel.siteCorrelation = siteCorrelation
        }
        try options.validate()
        return options
    }

    /// Ties the threat model to the secret of a pad: a file must say as many bits as were enrolled.
    func tie(_ options: inout ExchangeOptions, enrolledBits: Int) throws(QWaveError) {
        if threatModel == nil { options.threatModel.preSharedKey?.length = enrolledBits }
        try options.threatModel.checkSecret(enrolledBits: enrolledBits)
    }
}

/// One of the names of an enumeration, from a library that knows nothing of command lines.
enum Choice {
    static func parse<T: RawRepresentable & CaseIterable>(_ text: String, _ type: T.Type) throws -> T
    where T.RawValue == String {
        guard let value = T(rawValue: text) else {
            let names = T.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(text)' is none of: \(names)")
        }
        return value
    }
}
