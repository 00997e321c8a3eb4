// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Radio

/// A radio on a bench, driven by the lines of standard input, one answer a line: a process of its own, so that a
/// test can load a fault injector over libuhd.
///
/// `open ARGUMENTS [RECEIVE-GAIN [CLOCK-SOURCE]]`, `simulated`, `window SECONDS COUNT` (from now), `burst ID SECONDS
/// COUNT [AMPLITUDE]`, `events`, `close`.
@main struct USRPBench {
    static func main() async {
        var bench = Bench()
        while let line = readLine() {
            do throws(QWaveError) {
                print(try await bench.answer(line.split(separator: " ").map(String.init)))
            } catch {
                print("error \(error.code): \(error)".split(separator: "\n").joined(separator: " "))
            }
            // The reader is a pipe: say it now.
            _ = fflush(nil)
        }
    }
}

struct Bench {
    private var radio: (any Transceiver)?

    mutating func answer(_ words: [String]) async throws(QWaveError) -> String {
        func number(_ index: Int) throws(QWaveError) -> Double {
            guard words.indices.contains(index), let value = Double(words[index]) else {
                throw QWaveError(.usage, "no number at \(index) in \(words)")
            }
            return value
        }
        if words.first == "open" {
            var settings = RadioSettings()
            if words.count > 2 { settings.receiveGain = try number(2) }
            if words.count > 3 { settings.clockSource = words[3] }
            radio = try await RadioDrivers.standard.open(words[1], as: .initiator, settings)
            return "opened"
        }
        guard let radio else { throw QWaveError(.usage, "open a radio first") }
        let rate = radio.capabilities.sampleRate
        switch words.first {
        case "simulated": return "\(radio.capabilities.simulated)"
        case "window":
            let start = try await radio.now().advanced(bySeconds: try number(1)).onGrid(of: rate)
            let received = try await radio.receive(ReceiveWindow(start: start, count: Int(try number(2))))
            let onTime = received.samples.isEmpty || received.start == start
            let trouble = received.trouble.map { "\($0.kind)" } ?? "none"
            return "\(received.samples.count) \(onTime ? "on time" : "elsewhen") trouble \(trouble)"
        case "burst":
            let start = try await radio.now().advanced(bySeconds: try number(2)).onGrid(of: rate)
            let amplitude = Float(words.count > 4 ? try number(4) : 0.25)
            let samples = [IQ](repeating: IQ(amplitude, -amplitude), count: Int(try number(3)))
            try await radio.transmit(TransmitBurst(id: UInt64(try number(1)), start: start, samples: samples))
            return "handed over"
        case "events":
            // Later than any burst that was handed over.
            try? await Task.sleep(for: .milliseconds(400))
            let events = try await radio.events()
            return "events "
                + events.map { "\($0.kind)" + ($0.burst.map { "#\($0)" } ?? "") }.joined(separator: ", ")
        case "close":
            await radio.close()
            self.radio = nil
            return "closed"
        default: throw QWaveError(.usage, "the bench doesn't know \(words)")
        }
    }
}
