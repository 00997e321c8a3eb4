// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    import Foundation
    import TestSupport
    import Testing

    /// A key from two USRPs, in real time: minutes, so only where long tests are asked for (Scripts/long-run).
    @Suite(
        .enabled(
            if: ProcessInfo.processInfo.environment["QWAVE_LONG_TESTS"] != nil && VirtualUSRPs.areWanted,
            "set QWAVE_LONG_TESTS: this takes six minutes"))
    struct USRPKeyTests {
        private static func devices() async throws -> VirtualUSRPs {
            let file = FileManager.default.temporaryDirectory.appendingPathComponent(
                "fading-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: file) }
            try AirModel(speed: 0.03, seconds: 600, seed: 11).write(file)
            var settings = VirtualUSRPs.Settings()
            settings.fading = file
            settings.drift = [10, -10]
            settings.carrierError = [400, -400]
            settings.noise = 200
            return try await VirtualUSRPs(settings)
        }

        @Test func `two hosts with a USRP each make equal keys and use them`() async throws {
            let devices = try await Self.devices()
            try Ends.with { ends in
                func options(_ index: Int) -> [String] {
                    [
                        "--radio", "addr=\(devices.addresses[index]),lead=0.03,latency=0.02", "--probe-rate",
                        "10",
                        "--duration", "330", "--wait", "600", "--rx-gain", "24",
                    ]
                }
                let running = try ends.start(connect: options(0), listen: options(1))
                let alice = try running.alice.wait(seconds: 900)
                let bob = try running.bob.wait(seconds: 60)
                print("USRP key: \(alice.output) \(alice.errors) \(bob.errors) \(devices.log)")
                try #require(alice.status == 0 && bob.status == 0)
                // What one end wraps the other opens: the keys are equal.
                let secret = Array("over two USRPs".utf8)
                try ends.check(["wrap", "--pad", "alice", "-", "frames"], input: secret)
                try ends.check(["unwrap", "--pad", "bob", "frames", "opened"])
                let opened = try Data(contentsOf: ends.folder.appendingPathComponent("opened"))
                #expect(Array(opened) == secret)
            }
        }
    }
#endif
