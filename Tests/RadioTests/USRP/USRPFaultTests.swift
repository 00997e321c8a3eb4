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
            try bench.inject("rx-lost", "1")
            #expect(try await bench.ask("window 0.25 2000").hasSuffix("trouble sequence error"))
            #expect(try await bench.ask("window 0.25 2000") == Self.whole)
            // Silence: the window's time passes. A device that is silent again and again is given up.
            try bench.inject("rx-error", "0x1", count: 1_000_000)
            for _ in 0..<4 {
                #expect(try await bench.ask("window 0.25 2000") == "0 on time trouble timeout")
            }
            let silent = try await bench.ask("window 0.25 2000")
            #expect(silent.hasPrefix("error radioFault: ") && silent.contains("5 windows"), "\(silent)")
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

        @Test func `a burst beyond full scale is cut off, and samples at full scale are told`() async throws {
            var settings = VirtualUSRPs.Settings()
            // At 76 dB of receive gain this noise alone drives the converter to its end.
            settings.noise = 200
            let devices = try await VirtualUSRPs(settings)
            let bench = try USRPBenchProcess()
            #expect(try await bench.ask("open addr=\(devices.addresses[0]) 76") == "opened")
            #expect(try await bench.ask("window 0.25 2000") == Self.whole)
            #expect(try await bench.ask("events") == "events clipping")
            #expect(try await bench.ask("burst 1 0.2 1000 1.5") == "handed over")
            #expect(try await bench.ask("events") == "events clipping, acknowledged#1")
        }

        @Test func `a burst of which a device never says anything doesn't count as sent`() async throws {
            var settings = VirtualUSRPs.Settings()
            settings.dropAcknowledgements = true
            let devices = try await VirtualUSRPs(settings)
            let bench = try await opened(devices)
            for burst in 1...2 {
                #expect(try await bench.ask("burst \(burst) 0.2 1000") == "handed over")
                // The answer comes when the burst's time for a fate is over, and names it once.
                var answers = ""
                for _ in 0..<4 where !answers.contains("unacknowledged") {
                    answers += try await bench.ask("events")
                }
                #expect(answers.hasSuffix("events unacknowledged#\(burst)"), "\(answers)")
            }
            #expect(try await bench.ask("window 0.25 2000") == Self.whole)
        }

        @Test func `a device whose clock is set while it runs is a fault, also while a window is waited for`()
            async throws
        {
            let devices = try await VirtualUSRPs()
            let bench = try await opened(devices)
            for step in ["-3", "100000"] {
                try bench.inject("time-step", step, count: 1_000_000)
                let answer = try await bench.ask("window 0.25 2000")
                #expect(
                    answer.hasPrefix("error radioFault: ") && answer.contains("--clock-source"), "\(answer)")
                try bench.heal()
                // Set again, back to what it was; from then on times compare.
                #expect(try await bench.ask("window 0.25 2000").hasPrefix("error radioFault: "))
                #expect(try await bench.ask("window 0.25 2000") == Self.whole)
            }
            #expect(try await bench.ask("window 4000 2000") == "0 on time trouble time error")
            #expect(try await bench.ask("burst 3 4000 1000") == "handed over")
            #expect(try await bench.ask("events") == "events time error#3")
            // The clock is set while a window five minutes ahead is waited for: nobody sleeps that long.
            async let waiting = bench.ask("window 300 2000")
            try await Task.sleep(for: .milliseconds(500))
            try bench.inject("time-step", "-1000", count: 1_000_000)
            let begun = ContinuousClock.now
            #expect(try await waiting.hasPrefix("error radioFault: "))
            #expect(begun.duration(to: .now) < .seconds(100))
        }

        @Test func `a device that is a program is known as one, and what it receives as simulated`()
            async throws
        {
            let devices = try await VirtualUSRPs()
            let bench = try await opened(devices)
            #expect(try await bench.ask("simulated") == "true")
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
                ("uhd_usrp_set_tx_rate", "43", "error radioFault: ", "takes no rate"),
                ("uhd_usrp_set_master_clock_rate", "43", "error radioFault: ", "takes no rate"),
                ("uhd_usrp_set_rx_gain", "43", "error radioFault: ", "takes no receive gain"),
                ("uhd_usrp_set_tx_gain", "43", "error radioFault: ", "takes no transmit gain"),
                ("uhd_usrp_set_tx_antenna", "43", "error radioFault: ", "has no transmit antenna"),
                ("uhd_usrp_set_tx_freq", "43", "error radioFault: ", "can't be tuned"),
                ("rx-antenna", "RX2", "error radioFault: ", "isn't reciprocal"),
                ("uhd_usrp_get_rx_stream", "47", "error radioFault: ", "a lower rate may help"),
                ("uhd_usrp_get_tx_stream", "30", "error deviceGone: ", "check its power"),
            ]
            for (what, value, code, advice) in faults {
                try bench.inject(what, value)
                let answer = try await bench.ask(open)
                #expect(answer.hasPrefix(code) && answer.contains(advice), "\(what): \(answer)")
            }
            try bench.inject("uhd_usrp_set_clock_source", "43")
            let unclocked = try await bench.ask(open + " 30 external")
            #expect(
                unclocked.hasPrefix("error radioFault: ") && unclocked.contains("take internal"),
                "\(unclocked)")
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
            try await Task.sleep(for: .milliseconds(2100))
            try bench.inject("unlocked", "0")
            #expect(try await bench.ask("events") == "events oscillator unlocked")
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
