// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    import Foundation
    import TestSupport
    import Testing

    /// Every way in which libuhd can fail, forced: each ends in recovery, or in an error that says what to do.
    @Suite(.serialized, .enabled(if: VirtualUSRPs.areWanted, "\(VirtualUSRPs.skipped)"))
    struct USRPFaultTests {
        private static let whole = "2000 on time trouble none"

        private func opened(_ devices: VirtualUSRPs) async throws -> USRPBenchProcess {
            let bench = try USRPBenchProcess()
            let answer = try await bench.ask("open addr=\(devices.addresses[0])")
            #expect(answer == "opened")
            return bench
        }

        @Test func `each reception error loses its window and no other`() async throws {
            let devices = try await VirtualUSRPs()
            let bench = try await opened(devices)
            #expect(try await bench.ask("window 0.25 2000") == Self.whole)
            let codes = [
                ("0x2", "late"), ("0x4", "bad packet"), ("0x8", "overflow"),
                ("0xC", "bad packet"), ("0xF", "bad packet"),
            ]
            for (code, kind) in codes {
                try bench.inject("rx-error", code)
                let answer = try await bench.ask("window 0.25 2000")
                #expect(answer.hasSuffix("trouble \(kind)"), "\(code): \(answer)")
                #expect(try await bench.ask("window 0.25 2000") == Self.whole, "after \(code)")
            }
            // Silence: the window's time passes.
            try bench.inject("rx-error", "0x1", count: 1_000_000)
            #expect(try await bench.ask("window 0.25 2000") == "0 on time trouble timeout")
            try bench.heal()
            #expect(try await bench.ask("window 0.25 2000") == Self.whole)
            // A start that is over, for real.
            #expect(try await bench.ask("window -0.5 2000") == "0 on time trouble late")
            #expect(try await bench.ask("window -1e6 2000") == "0 on time trouble late")
            #expect(try await bench.ask("window 0.25 2000") == Self.whole)
            #expect(try await bench.ask("close") == "closed")
        }

        @Test func `each burst has one fate, and trouble with one leaves the next alone`() async throws {
            let devices = try await VirtualUSRPs()
            let bench = try await opened(devices)
            #expect(try await bench.ask("burst 1 0.2 1000") == "handed over")
            #expect(try await bench.ask("events") == "events acknowledged#1")
            let codes = [("0x2", "underflow#2"), ("0x8", "late#2"), ("0x10", "underflow#2")]
            for (code, fate) in codes {
                try bench.inject("tx-event", code)
                #expect(try await bench.ask("burst 2 0.2 1000") == "handed over")
                #expect(try await bench.ask("events") == "events \(fate)", "\(code)")
            }
            for code in ["0x4", "0x20", "0x40"] {
                // Says nothing about the burst, whose own event was spoiled here.
                try bench.inject("tx-event", code)
                #expect(try await bench.ask("burst 3 0.2 1000") == "handed over")
                let answer = try await bench.ask("events")
                #expect(answer.contains("unacknowledged#3"), "\(code): \(answer)")
                #expect(answer.contains(code == "0x40" ? "device event 64" : "sequence error"), "\(answer)")
            }
            try bench.inject("send-short", "100")
            #expect(try await bench.ask("burst 4 0.2 1000") == "handed over")
            #expect(try await bench.ask("events").contains("underflow#4"))
            // Late for real.
            #expect(try await bench.ask("burst 5 -0.1 1000") == "handed over")
            #expect(try await bench.ask("events") == "events late#5")
            #expect(try await bench.ask("burst 6 -1e6 1000") == "handed over")
            #expect(try await bench.ask("events") == "events late#6")
            #expect(try await bench.ask("burst 7 0.2 1000") == "handed over")
            #expect(try await bench.ask("events") == "events acknowledged#7")
        }

        @Test
        func `a call that fails is a fault while the device tells its time, and a loss when it doesn't`()
            async throws
        {
            let devices = try await VirtualUSRPs()
            let bench = try await opened(devices)
            // 44 is a run-time error, 30 one of input and output.
            try bench.inject("uhd_rx_streamer_issue_stream_cmd", "44")
            #expect(try await bench.ask("window 0.25 2000").hasPrefix("error radioFault: "))
            #expect(try await bench.ask("window 0.25 2000") == Self.whole)
            for call in ["uhd_tx_streamer_send", "uhd_tx_streamer_recv_async_msg"] {
                try bench.inject(call, "43")
                let answers = try await bench.ask("burst 1 0.2 100") + (try await bench.ask("events"))
                #expect(answers.contains("error radioFault: "), "\(call): \(answers)")
            }
            try bench.inject("uhd_usrp_get_time_now", "44", count: 2)
            let gone = try await bench.ask("window 0.25 2000")
            #expect(gone.hasPrefix("error deviceGone: ") && gone.contains("check its power"), "\(gone)")
            #expect(
                try await bench.ask("window 0.25 2000").hasPrefix("error radioFault: "), "it stays closed")
        }

        @Test func `an opening that fails halfway leaves nothing behind, and the next one succeeds`()
            async throws
        {
            let devices = try await VirtualUSRPs()
            let bench = try USRPBenchProcess()
            let open = "open addr=\(devices.addresses[0])"
            let faults = [
                ("interface", "4.0.0", "error unavailable: ", "build it anew"),
                ("uhd_usrp_make", "30", "error unavailable: ", "qwave doctor"),
                ("uhd_usrp_set_rx_rate", "43", "error radioFault: ", "takes no rate"),
                ("uhd_usrp_set_rx_gain", "43", "error radioFault: ", "takes no receive gain"),
                ("rx-antenna", "RX2", "error radioFault: ", "isn't reciprocal"),
                ("uhd_usrp_get_rx_stream", "47", "error radioFault: ", "a lower rate may help"),
                ("uhd_usrp_get_tx_stream", "30", "error deviceGone: ", "check its power"),
            ]
            for (what, value, code, advice) in faults {
                try bench.inject(what, value)
                let answer = try await bench.ask(open)
                #expect(answer.hasPrefix(code) && answer.contains(advice), "\(what): \(answer)")
            }
            // An oscillator that never locks.
            try bench.inject("unlocked", "0", count: 10_000)
            #expect(try await bench.ask(open).contains("doesn't lock"))
            try bench.heal()
            #expect(try await bench.ask(open) == "opened")
            #expect(try await bench.ask("window 0.25 2000") == Self.whole)
        }

        @Test func `a device that is taken, absent, or changed behind our back says so`() async throws {
            let devices = try await VirtualUSRPs()
            let bench = try await opened(devices)
            let second = try USRPBenchProcess()
            let claimed = try await second.ask("open addr=\(devices.addresses[0])")
            #expect(claimed.hasPrefix("error deviceClaimed: ") && claimed.contains("end it"), "\(claimed)")
            let absent = try await second.ask("open addr=127.0.0.250")
            #expect(
                absent.hasPrefix("error unavailable: ") && absent.contains("uhd_find_devices"), "\(absent)")
            // The first one isn't disturbed; after a while it looks at gains and oscillators.
            try await Task.sleep(for: .milliseconds(2100))
            try bench.inject("rx-gain", "12.5")
            #expect(try await bench.ask("events") == "events gain changed")
            try bench.heal()
            try await Task.sleep(for: .milliseconds(2100))
            #expect(try await bench.ask("events") == "events ")
            #expect(try await bench.ask("window 0.25 2000") == Self.whole)
        }

        @Test func `a device that dies in use is gone, with an error, not a hang`() async throws {
            let devices = try await VirtualUSRPs()
            let bench = try await opened(devices)
            #expect(try await bench.ask("window 0.25 2000") == Self.whole)
            devices.kill(0)
            let answer = try await bench.ask("window 0.25 2000")
            #expect(answer.hasPrefix("error deviceGone: ") && answer.contains("check its power"), "\(answer)")
            #expect(try await bench.ask("close") == "closed")
        }
    }
#endif
