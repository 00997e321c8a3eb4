// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Radio

/// How a command that opens a radio sets the device.
struct DeviceOptions: ParsableArguments {
    @Option(
        name: .customLong("radio-rate"),
        help: ArgumentHelp("The radio's samples a second, as in 20e6; both ends alike.", valueName: "1/s"))
    var sampleRate: Double?

    @Option(help: ArgumentHelp("Center of the channel, both ends alike.", valueName: "MHz"))
    var frequency: Double?

    @Option(help: ArgumentHelp("Transmit gain, fixed for the run.", valueName: "dB"))
    var txGain: Double?

    @Option(help: ArgumentHelp("Receive gain, fixed for the run.", valueName: "dB"))
    var rxGain: Double?

    @Option(help: ArgumentHelp("One antenna for both directions.", valueName: "name"))
    var antenna = "TX/RX"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The oscillator's distance from the center.", valueName: "kHz"))
    var loOffset: Double?

    @Option(help: ArgumentHelp("The radio's reference: internal, external or gpsdo.", valueName: "name"))
    var clockSource: String?

    func validate() throws {
        for (name, value) in [("--radio-rate", sampleRate), ("--frequency", frequency)] {
            guard value.map({ $0.isFinite && $0 > 0 && $0 <= 1e12 }) ?? true else {
                throw ValidationError("\(name) is a number above 0")
            }
        }
        for (name, value) in [("--tx-gain", txGain), ("--rx-gain", rxGain), ("--lo-offset", loOffset)] {
            guard value?.isFinite != false else { throw ValidationError("\(name) is a finite number") }
        }
    }

    var settings: RadioSettings {
        var settings = RadioSettings()
        settings.sampleRate = sampleRate
        settings.carrierFrequency = frequency.map { $0 * 1e6 }
        settings.transmitGain = txGain
        settings.receiveGain = rxGain
        settings.antenna = antenna
        settings.oscillatorOffset = loOffset.map { $0 * 1e3 }
        settings.clockSource = clockSource
        return settings
    }
}
