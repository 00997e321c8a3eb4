// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Secrecy

/// The demo's script: the same commands that a user would type, run as processes.
struct Demo {
    let folder: String
    let duration: Int

    func run() async throws -> DemoResult {
        let begun = ContinuousClock.now
        let (alice, bob) = ("\(folder)/alice", "\(folder)/bob")
        step("enrolling two ends (qwave enroll, qwave pad create)")
        try await Subprocess.check(["enroll", "--name", "demo", "\(alice).enroll", "\(bob).enroll"])
        // The anchors of pads that go with the demo go with it too.
        let anchors = ["--anchors", "\(folder)/anchors"]
        try await Subprocess.check(["pad", "create", "--pad", alice, "\(alice).enroll"] + anchors)
        try await Subprocess.check(["pad", "create", "--pad", bob, "\(bob).enroll"] + anchors)

        step(
            "pairing over \(duration) simulated seconds of a walk (TGn-D, 20 MHz, 20 dB, 1 m/s, 50 probes/s)")
        let seed = String(try SystemRandomSource().word() >> 11)
        let channel =
            ["--simulate", "--channel-seed", seed, "--duration", String(duration), "--json"] + anchors
        let listener = try Subprocess(
            ["pair", "listen", "--pad", bob, "--port", "0", "--certificates", "\(folder)/bob-certificates"]
                + channel,
            label: "bob")
        let port = try await listener.port()
        let connector = try Subprocess(
            [
                "pair", "connect", "127.0.0.1", "--pad", alice, "--port", String(port), "--certificates",
                "\(folder)/alice-certificates",
            ]
                + channel, label: "alice")
        let initiator = try await connector.result()
        let responder = try await listener.result()
        let paired = try DemoPairing(initiator, responder)

        step("wrapping two delivered 256-bit keys at one end, opening them at the other")
        var opened: [Bool] = []
        for index in 0..<2 {
            let identifier = try hexadecimal(16)
            let delivered = try SystemRandomSource().bytes(32)
            let (key, frame, out) = (
                "\(folder)/delivered-\(index)", "\(folder)/frame-\(index)", "\(folder)/opened-\(index)"
            )
            try Files.write(delivered, to: key)
            try await Subprocess.check(
                ["wrap", "--pad", alice, "--key-id", identifier, key, frame] + anchors)
            try await Subprocess.check(["unwrap", "--pad", bob, "--keys", frame, out] + anchors)
            opened.append(constantTimeEqual(try Files.read("\(out)/\(identifier).key"), delivered))
        }
        return DemoResult(
            pairing: paired, keysWrapped: opened.count, keysEqual: opened.allSatisfy { $0 },
            certificates: [
                try essentials("\(folder)/alice-certificates"), try essentials("\(folder)/bob-certificates"),
            ], seconds: Double((ContinuousClock.now - begun).components.seconds))
    }

    private func step(_ text: String) { StandardError.write("demo: \(text)") }

    private func hexadecimal(_ count: Int) throws(QWaveError) -> String {
        try SystemRandomSource().bytes(count).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func essentials(_ folder: String) throws -> DemoResult.Essentials {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        guard let name = names.first else {
            throw QWaveError(.refused, "no certificate was written into \(folder)")
        }
        return DemoResult.Essentials(try Certificate(json: try Files.read("\(folder)/\(name)")))
    }
}
