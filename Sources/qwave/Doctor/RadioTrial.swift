// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Radio

/// Tries one radio: opens it, reads its clock, and receives a second's worth of samples. Nothing is sent.
enum RadioTrial {
    /// What a text and settings give; a failure when the radio can't be opened.
    static func run(_ text: String, _ settings: RadioSettings = RadioSettings()) async -> [Finding] {
        do throws(QWaveError) {
            let radio = try await RadioDrivers.standard.open(text, as: .initiator, settings)
            let findings = await run(on: radio)
            await radio.close()
            return findings
        } catch {
            return [failure("radio", error)]
        }
    }

    static func run(on radio: any Transceiver) async -> [Finding] {
        let can = radio.capabilities
        var findings: [Finding] = []
        do throws(QWaveError) {
            let first = try await radio.now()
            let window = try await radio.receive(
                ReceiveWindow(start: first.advanced(by: can.leadTime + can.leadTime), count: 4096))
            let second = try await radio.now()
            let detail =
                "\(can.name)\(can.simulated ? ", SIMULATED" : ""): \(can.sampleRate) samples/s at "
                + "\(can.carrierFrequency) Hz, antenna \(can.receiveAntenna), its clock went on by "
                + "\(first.seconds(to: second)) s"
            if let trouble = window.trouble {
                return [
                    Finding(
                        "radio", .failure, "\(detail); a window brought \(trouble)",
                        advice: "mend that first: \(advice(trouble.kind))")
                ]
            }
            findings.append(Finding("radio", .good, detail + ", a window of 4096 samples came whole"))
            findings.append(try await reception(radio))
        } catch {
            findings.append(failure(findings.isEmpty ? "radio" : "reception", error))
        }
        return findings
    }

    /// A second's worth of samples in windows of 50 ms, one soon after the other, and what of it was lost.
    private static func reception(_ radio: any Transceiver) async throws(QWaveError) -> Finding {
        let can = radio.capabilities
        let rate = can.sampleRate
        let count = max(1, min(can.longestWindow, Int(rate / 20)))
        let windows = min(1000, Int((rate / Double(count)).rounded(.up)))
        var (received, whole, clipped) = (0, 0, 0)
        var troubles: [RadioEvent.Kind: Int] = [:]
        for _ in 0..<windows {
            let start = try await radio.now().advanced(by: can.leadTime + can.leadTime).onGrid(of: rate)
            let window = try await radio.receive(ReceiveWindow(start: start, count: count))
            received += window.samples.count
            clipped += window.clipped
            if let trouble = window.trouble { troubles[trouble.kind, default: 0] += 1 } else { whole += 1 }
        }
        let lost = windows * count - received
        var detail = "\(whole) of \(windows) windows of \(count) samples came whole, \(lost) samples lost"
        let worst = troubles.max { ($0.value, $0.key.name) < ($1.value, $1.key.name) }
        for (kind, times) in troubles.sorted(by: { $0.key.name < $1.key.name }) {
            detail += ", \(kind) \(times) times"
        }
        if clipped > 0 { detail += ", \(clipped) samples at full scale" }
        if let worst {
            return Finding(
                "reception", whole * 2 < windows ? .failure : .warning, detail, advice: advice(worst.key))
        }
        guard clipped == 0 else {
            return Finding("reception", .warning, detail, advice: advice(.clipping))
        }
        return Finding("reception", .good, detail)
    }

    /// What mends a trouble.
    private static func advice(_ kind: RadioEvent.Kind) -> String {
        switch kind {
        case .late: "give more lead= in --radio, close other programs, or lower --radio-rate"
        case .overflow: "lower --radio-rate, close other programs, and mind the socket buffers above"
        case .sequenceError, .badPacket: "look at cable and network, and enlarge the socket buffers"
        case .timeout: "look at firewall and cable, and restart the radio"
        case .clipping: "lower --rx-gain"
        default: "restart the radio and try again"
        }
    }

    private static func failure(_ check: String, _ error: QWaveError) -> Finding {
        Finding(check, .failure, "\(error)", advice: "mend what it says and run qwave doctor again")
    }
}
