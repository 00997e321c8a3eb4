// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelModels

/// What `simulate --list` shows: everything that can be simulated, and what it is.
struct ModelList: CommandResult {
    struct Model: Encodable {
        var name: String
        var summary: String
        var taps: Int
        /// In nanoseconds.
        var delaySpread: Double
        /// In dB; null without line of sight.
        var riceFactor: OrNull<Double>
    }
    struct Entry: Encodable {
        var name: String
        var summary: String
    }
    struct Attack: Encodable {
        var name: String
        var summary: String
        var options: [Entry]
    }

    var profiles = Surroundings.allCases.map { Entry(name: $0.rawValue, summary: $0.summary) }
    var models = ChannelModel.all.map {
        Model(
            name: $0.name, summary: Self.summary($0.name), taps: $0.taps.count, delaySpread: $0.delaySpread,
            riceFactor: OrNull($0.defaultRiceFactor))
    }
    var spectra = DopplerSpectrum.allCases.map { Entry(name: $0.rawValue, summary: Self.summary($0)) }
    var bandwidths = Bandwidth.allCases.map {
        Entry(
            name: $0 == .nr ? "nr" : "\($0.rawValue)", summary: "\($0.title), \($0.toneIndices.count) tones")
    }
    var attacks = Fixture.Kind.allCases.map { kind in
        Attack(
            name: kind.rawValue, summary: kind.summary,
            options: kind.options.map { Entry(name: "\($0.name)=\($0.standard)", summary: $0.summary) })
    }

    private static func summary(_ model: String) -> String {
        switch model {
        case "tgn-a": "IEEE 802.11 TGn A: one path"
        case "tgn-b": "TGn B: a home"
        case "tgn-c": "TGn C: a small office"
        case "tgn-d": "TGn D: a typical office"
        case "tgn-e": "TGn E: a large office"
        case "tgn-f": "TGn F: a large hall, or outdoors"
        case "rayleigh": "flat Rayleigh fading"
        case "rice": "flat fading with a line of sight"
        case _ where model.hasPrefix("tgac-"):
            "TGn \(model.suffix(1).uppercased()) with taps refined for 80 and 160 MHz (802.11-09/0308r12)"
        default:
            "3GPP TR 38.901 TDL-\(model.suffix(1).uppercased()), "
                + "\(model.hasSuffix("d") || model.hasSuffix("e") ? "with" : "without") line of sight, any delay spread"
        }
    }

    private static func summary(_ spectrum: DopplerSpectrum) -> String {
        switch spectrum {
        case .clarke: "a terminal moves through waves from all around (Clarke, Jakes)"
        case .bell: "both ends stand and people move (TGn's bell)"
        }
    }

    var text: String {
        func row(_ name: String, _ summary: String) -> String { "  \(name.padding(toLength: 16))\(summary)" }
        var lines = ["Profiles (--profile): a whole setting in one word; further options change it."]
        lines += profiles.map { row($0.name, $0.summary) }
        lines.append("Channel models (--model), with taps, root-mean-square delay spread and line of sight:")
        lines += models.map { model in
            let spread = (model.delaySpread * 10).rounded() / 10
            return row(
                model.name,
                model.summary + "; \(model.taps) taps, \(spread) ns"
                    + (model.riceFactor.value.map { ", K = \(($0 * 10).rounded() / 10) dB" } ?? ""))
        }
        lines.append("Doppler spectra (--spectrum):")
        lines += spectra.map { row($0.name, $0.summary) }
        lines.append("Bandwidths (--bandwidth):")
        lines += bandwidths.map { row($0.name, $0.summary) }
        lines.append("Attacks (--attack NAME or NAME:OPTION=NUMBER,…):")
        for attack in attacks {
            lines.append(row(attack.name, attack.summary))
            lines += attack.options.map { "    \($0.name.padding(toLength: 18))\($0.summary)" }
        }
        return lines.joined(separator: "\n")
    }
}
