// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelModels
public import QWaveCore

extension EtherParameters {
    /// What `virtual:` takes to describe an ether, for help texts and errors.
    public static let keys = [
        "model", "snr", "speed", "seed", "rate", "carrier", "offset", "ppm", "drift", "loss", "chains",
        "lead",
    ]

    /// An ether as `--radio virtual:…` describes it; takes what it knows out of the arguments.
    ///
    /// `model` (tgn-d), `snr` in dB after estimation (20), `speed` in m/s (1), `seed` (drawn anew), `rate` in samples a
    /// second (20e6), `carrier` in Hz (2.437e9), `offset` between the carriers in Hz (1000), `ppm` between the clocks
    /// (10), their `drift` in ppm a second (0.001), `loss` of bursts (0), `chains` (0; 1 gives each device filters of
    /// its own), `lead` time in seconds (1e-4).
    public init(_ arguments: inout RadioArguments, settings: RadioSettings) throws(QWaveError) {
        let seed: UInt64
        if let text = arguments.take("seed") {
            guard let number = UInt64(text) else {
                throw QWaveError(.usage, "radio argument seed=\(text) is no whole number from 0 on")
            }
            seed = number
        } else {
            seed = try SystemRandomSource().word()
        }
        let model = try ChannelModel(named: arguments.take("model") ?? "tgn-d")
        var channel = SimulationParameters(
            model: model, speed: try arguments.take("speed", in: 0...1000) ?? 1, duration: nil, seed: seed)
        channel.impairments = .none
        channel.impairments.lossProbability = try arguments.take("loss", in: 0...0.9) ?? 0
        channel.impairments.hardwareFilters = (try arguments.take("chains", in: 0...1) ?? 0) > 0
        channel.carrierFrequency =
            try arguments.take("carrier", in: 1e6...1e11) ?? settings.carrierFrequency ?? 2.437e9
        let rate = try arguments.take("rate", in: 1e5...1e8) ?? settings.sampleRate ?? 20e6
        self.init(channel: channel, sampleRate: rate, snr: try arguments.take("snr", in: -10...80) ?? 20)
        let offset = try arguments.take("offset", in: -200e3...200e3) ?? 1000
        let ppm = try arguments.take("ppm", in: -200...200) ?? 10
        let drift = try arguments.take("drift", in: -0.1...0.1) ?? 0.001
        waveform.alice = EndClock(offset: 10, rate: ppm / 2, drift: drift / 2, carrierOffset: offset / 2)
        waveform.bob = EndClock(offset: 20, rate: -ppm / 2, drift: -drift / 2, carrierOffset: -offset / 2)
        leadTime = .seconds(try arguments.take("lead", in: 1e-6...10) ?? 1e-4)
    }
}
