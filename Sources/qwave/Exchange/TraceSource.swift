// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import CaptureFormats
internal import ChannelModels
internal import Crypto
internal import Foundation
internal import QWaveCore

/// Where an end of a pairing takes its probes from: a recorded capture, or a simulated channel.
struct TraceSource: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "This end's recorded capture, FILE or FILE:COLUMN; it is keyed once, ever.", valueName: "capture")
    )
    var capture: String?

    @Flag(
        help:
            "A simulated channel: both ends give the same --channel-seed; noise is each end's own. No real secret."
    )
    var simulate = false

    @Option(
        help: ArgumentHelp(
            "Probe the air: virtual:… for a radio in virtual time, else as UHD takes it (addr=192.168.10.2).",
            valueName: "radio"))
    var radio: String?

    @Option(help: ArgumentHelp("Seed of the simulated channel, never of noise.", valueName: "n"))
    var channelSeed: UInt64?

    @Option(help: ArgumentHelp("Simulated channel model.", valueName: "name"))
    var model = "tgn-d"

    @Option(help: ArgumentHelp("Simulated bandwidth: 20, 40, 80 or 160 MHz.", valueName: "MHz"))
    var bandwidth = 20

    @Option(parsing: .unconditional, help: ArgumentHelp("Simulated signal over noise.", valueName: "dB"))
    var snr = 20.0

    @Option(help: ArgumentHelp("Simulated speed.", valueName: "m/s"))
    var speed = 1.0

    @Option(help: ArgumentHelp("Probe pairs a second, simulated or on a radio.", valueName: "1/s"))
    var probeRate = 50.0

    @Option(
        help: ArgumentHelp(
            "Seconds of probes in each exchange, simulated or on a radio; less than 600 is hard to commission.",
            valueName: "s"))
    var duration = 600.0

    func validate() throws {
        guard [capture != nil, simulate, radio != nil].count(where: \.self) == 1 else {
            throw ValidationError("give one of --capture FILE, --radio RADIO and --simulate")
        }
        guard radio == nil || (1...1e8).contains(probeRate * duration) else {
            throw ValidationError("--probe-rate times --duration is the number of probes, 1 to 1e8")
        }
        guard !simulate || channelSeed != nil else {
            throw ValidationError("--simulate needs --channel-seed, the same number at both ends")
        }
    }

    /// What the certificate calls the source.
    var name: String {
        capture ?? radio ?? "simulated \(model), \(snr) dB, \(speed) m/s, \(probeRate)/s, \(duration) s"
    }

    /// The recorded capture, read and not yet spent; nil where the probes are made for each exchange.
    func recorded() throws(QWaveError) -> ChannelTrace? {
        guard let capture else { return nil }
        return try CaptureArgument(parsing: capture).trace()
    }

    /// The carrier in Hz, where it is known before a radio is opened.
    func carrier(_ recorded: ChannelTrace?) -> Double? {
        simulate ? SimulationParameters().carrierFrequency : recorded?.description.carrierFrequency
    }

    /// This end's trace for the exchange of a number; a recorded capture is marked as spent before it is given.
    func trace(
        _ number: UInt64, recorded: ChannelTrace?, role: Party.Role, padFolder: String
    ) throws(QWaveError) -> ChannelTrace {
        if let capture, let recorded {
            try SpentCaptures(padFolder).spend(recorded, name: capture)
            return recorded
        }
        guard let width = Bandwidth(rawValue: bandwidth) else {
            throw QWaveError(
                .usage, "a bandwidth of \(bandwidth) MHz isn't simulated; give 20, 40, 80 or 160")
        }
        let system = SystemRandomSource()
        var parameters = SimulationParameters(
            model: try ChannelModel(named: model), bandwidth: width, snr: snr, speed: speed,
            probeRate: probeRate,
            duration: duration, seed: 0)
        parameters.channelSeed = (channelSeed ?? 0) &+ number &* 0x9E37_79B9_7F4A_7C15
        // Each end draws its own noise and impairments; what it draws for the other end it never uses.
        parameters.aliceSeed = try system.word()
        parameters.bobSeed = try system.word()
        parameters.eveSeed = try system.word()
        return try TwoSidedSimulator(parameters).trace(role == .initiator ? .alice : .bob)
    }
}

/// The captures that a pad was ever keyed from: the same fading never makes two keys.
struct SpentCaptures {
    private let path: String

    /// However the folder is written, with a slash at its end or a detour, it is the same list.
    init(_ padFolder: String) {
        path =
            URL(fileURLWithPath: padFolder).standardizedFileURL.resolvingSymlinksInPath().path + ".captures"
    }

    /// Notes the trace durably; throws `.refused` where it stands already.
    func spend(_ trace: ChannelTrace, name: String) throws(QWaveError) {
        var hash = SHA256()
        for index in 0..<trace.count {
            var writer = ByteWriter()
            for gain in trace.gains(at: index) {
                writer.write(gain.re)
                writer.write(gain.im)
            }
            hash.update(data: writer.bytes)
        }
        let digest = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let known =
            FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard !known.split(separator: "\n").contains(Substring(digest)) else {
            throw QWaveError(
                .refused,
                "\(name) was keyed into this pad before: the same fading never makes two keys; record anew")
        }
        do {
            if !FileManager.default.fileExists(atPath: path) {
                _ = FileManager.default.createFile(
                    atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
            }
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try file.seekToEnd()
            try file.write(contentsOf: Data((digest + "\n").utf8))
            try file.synchronize()
            try file.close()
        } catch {
            throw QWaveError(
                .storage, "\(path) can't be written, so the capture can't be marked as spent", cause: error)
        }
    }
}
