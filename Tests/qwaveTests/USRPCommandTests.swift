// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    import Foundation
    import QWaveCore
    import CaptureFormats
    import Radio
    import TestSupport
    import Testing

    @testable import qwave

    /// `qwave` as two hosts with a USRP each run it: two processes, real libuhd, virtual devices.
    @Suite(.serialized, .enabled(if: VirtualUSRPs.areWanted, "\(VirtualUSRPs.skipped)"))
    struct USRPCommandTests {
        /// Lead and latency for devices that share two cores with other tests.
        private static func radio(_ devices: VirtualUSRPs, _ index: Int) -> String {
            "addr=\(devices.addresses[index]),lead=0.05,latency=0.025"
        }

        private static func withFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                "usrp-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            return try await body(folder)
        }

        @Test func `two USRPs sound one channel: numbers pair, both ends hear what the air has`() async throws
        {
            try await Self.withFolder { folder in
                let air = try AirModel(speed: 0.02, seconds: 90, seed: 7)
                var settings = VirtualUSRPs.Settings()
                settings.fading = folder.appendingPathComponent("fading")
                settings.drift = [10, -10]
                settings.carrierError = [400, -400]
                settings.delay = 1.3e-6
                try air.write(folder.appendingPathComponent("fading"))
                let devices = try await VirtualUSRPs(settings)

                let common = [
                    "--rate", "5", "--count", "60", "--patience", "60", "--rx-gain", "24", "--json",
                ]
                let bob = try RunningTool(
                    ["probe", "--role", "responder", "--radio", Self.radio(devices, 1), "--out", "bob.qwt"]
                        + common,
                    in: folder)
                let alice = try RunningTool(
                    ["probe", "--role", "initiator", "--radio", Self.radio(devices, 0), "--out", "alice.qwt"]
                        + common, in: folder)
                let outcomes = (
                    alice: try await aside { try alice.wait() }, bob: try await aside { try bob.wait() }
                )
                try #require(outcomes.alice.status == 0, "\(outcomes.alice.errors) \(devices.log)")
                try #require(outcomes.bob.status == 0, "\(outcomes.bob.errors) \(devices.log)")
                // Nothing of libuhd's own in what a user sees.
                #expect(outcomes.alice.errors.isEmpty && outcomes.bob.errors.isEmpty)

                let traces = try ["alice", "bob"].map {
                    try CaptureArgument(parsing: folder.appendingPathComponent("\($0).qwt").path).trace()
                }
                var places: [UInt64: Int] = [:]
                for index in 0..<traces[1].count { places[traces[1].sequence(at: index) ?? 0] = index }
                var pairs: [Double] = []
                for index in 0..<traces[0].count {
                    guard let place = places[traces[0].sequence(at: index) ?? 0] else { continue }
                    pairs.append(
                        AirModel.coherence(
                            Array(traces[0].gains(at: index)), Array(traces[1].gains(at: place))))
                }
                let agreement = traces.map(air.agreement)
                let object = try outcomes.alice.object()
                // These devices are programs, and say so.
                #expect(object["simulated"] as? Bool == true)
                #expect(traces.allSatisfy { $0.description.simulated })
                print(
                    "USRPs: \(pairs.count) pairs of 60, least coherence of a pair \(pairs.min() ?? 0), least agreement "
                        + "with the air \(agreement.map { $0.min() ?? 0 }), carrier \(object["carrierOffset"] ?? "")"
                )
                // A busy machine loses probes; those that are there are right, every one.
                #expect(pairs.count >= 20)
                #expect(pairs.allSatisfy { $0 > 0.97 })
                #expect(agreement.allSatisfy { $0.allSatisfy { $0 > 0.99 } })
                // What comes from Bob is 800 Hz below Alice's carrier, but for 20 ppm of the clocks' rates.
                let offset = try #require(object["carrierOffset"] as? Double)
                #expect(abs(offset + 800) < 20)
            }
        }

        /// These devices take 50 ms to answer, in which a channel that gives bits within minutes would be another one: here
        /// it is new for each pair of probes and stands still between the two.
        @Test func `two hosts with a USRP each make the same key`() async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                "usrp-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let ends = Ends(folder: folder)
            try ends.enroll("alice", "bob")
            let air = try AirModel(speed: 1, seconds: 100, seed: 7)
            var settings = VirtualUSRPs.Settings()
            settings.fading = folder.appendingPathComponent("fading")
            settings.fadesWithBursts = true
            // So much that it is what the ends differ by: the tests on samples take differences for Gaussian.
            settings.noise = 150
            settings.drift = [10, -10]
            settings.carrierError = [400, -400]
            // Twenty rows a second of a walk: 0.4 cycles of its Doppler shift from one pair to the next.
            try air.write(folder.appendingPathComponent("fading"), rate: 20)
            let devices = try await VirtualUSRPs(settings)
            let exchange = [
                "--feature", "amplitude", "--stride", "2", "--probe-rate", "10", "--duration", "130",
                "--rx-gain",
                "24",
            ]
            func radio(_ index: Int) -> [String] {
                ["--radio", "addr=\(devices.addresses[index]),lead=0.03,latency=0.02"]
            }
            let running = try ends.start(connect: radio(0) + exchange, listen: radio(1) + exchange)
            let outcomes = (
                alice: try await aside { try running.alice.wait(seconds: 400) },
                bob: try await aside { try running.bob.wait(seconds: 60) }
            )
            try #require(outcomes.alice.status == 0, "\(outcomes.alice.errors) \(devices.log)")
            try #require(outcomes.bob.status == 0, "\(outcomes.bob.errors) \(devices.log)")
            print("USRPs: \(outcomes.alice.output)")
            let made = try #require(try outcomes.alice.object()["exchanges"] as? [[String: Any]])
            #expect(try #require(made.first?["keyBits"] as? Int) > 0)
            #expect(made.first?["simulated"] as? Bool == true)
            let books = (try ends.status("alice"), try ends.status("bob"))
            #expect(books.0.outgoing.generated > 0)
            #expect(books.0.outgoing.generated == books.1.incoming.generated)
            try ends.check(["wrap", "--pad", "alice", "-", "frame"], input: Array("over two USRPs".utf8))
            let opened = try ends.check(["unwrap", "--pad", "bob", "frame", "-"])
            #expect(opened.output == "over two USRPs")
        }

        @Test func `a device that dies under an exchange ends both hosts, and neither gains a bit`()
            async throws
        {
            try await Self.withFolder { folder in
                let ends = Ends(folder: folder)
                try ends.enroll("alice", "bob")
                let devices = try await VirtualUSRPs()
                let exchange = ["--probe-rate", "5", "--duration", "300", "--rx-gain", "24"]
                let running = try ends.start(
                    connect: ["--radio", Self.radio(devices, 0)] + exchange,
                    listen: ["--radio", Self.radio(devices, 1)] + exchange)
                // Both hold their devices, and some probes have been exchanged.
                for device in 0..<2 {
                    for _ in 0..<300 {
                        let found = try USRPSurvey.devices("addr=\(devices.addresses[device])")
                        if found.contains(where: { $0.contains("claimed=True") }) { break }
                        try await Task.sleep(for: .milliseconds(100))
                    }
                }
                try await Task.sleep(for: .seconds(5))
                try #require(running.alice.isRunning && running.bob.isRunning, "\(devices.log)")
                devices.kill(1)
                let outcomes = (
                    alice: try await aside { try running.alice.wait(seconds: 120) },
                    bob: try await aside { try running.bob.wait(seconds: 120) }
                )
                print("USRPs: \(outcomes)")
                #expect(outcomes.bob.status == 69 && outcomes.bob.errors.contains("is gone"))
                // The other end's radio is whole; it hears that its peer is not.
                #expect(outcomes.alice.status != 0 && !outcomes.alice.errors.isEmpty)
                for name in ["alice", "bob"] {
                    let books = try ends.status(name)
                    #expect(books.outgoing.generated == 0 && books.incoming.generated == 0)
                }
            }
        }

        @Test func `a radio that isn't there, is taken, or dies ends the command with 69 and what to do`()
            async throws
        {
            try await Self.withFolder { folder in
                let devices = try await VirtualUSRPs()
                let radios = [Self.radio(devices, 0), Self.radio(devices, 1)]
                let common = [
                    "probe", "--role", "responder", "--out", "x.qwt", "--rate", "5", "--patience", "60",
                    "--radio",
                ]
                let running = try RunningTool(common + [radios[0]], in: folder)
                for _ in 0..<200 {
                    let found = try USRPSurvey.devices("addr=\(devices.addresses[0])")
                    if found.contains(where: { $0.contains("claimed=True") }) { break }
                    try await Task.sleep(for: .milliseconds(100))
                }
                let taken = try await aside { try Tool.run("doctor", "--radio", radios[0], in: folder) }
                #expect(taken.status == 69 && taken.output.contains("another program"), "\(taken.output)")
                let absent = try await aside { try Tool.run(common + ["addr=127.0.0.251"], in: folder) }
                #expect(absent.status == 69 && absent.errors.contains("doesn't answer"), "\(absent.errors)")
                devices.kill(0)
                let outcome = try await aside { try running.wait() }
                #expect(outcome.status == 69 && outcome.errors.contains("is gone"), "\(outcome.errors)")
                #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("x.qwt").path))
                let doctor = try await aside {
                    try Tool.run("doctor", "--radio", radios[1], "--json", in: folder)
                }
                #expect(doctor.status == 0 && doctor.output.contains("came whole"), "\(doctor.output)")
                #expect(doctor.output.contains("SIMULATED") && doctor.output.contains("reception"))
            }
        }
    }
#endif
