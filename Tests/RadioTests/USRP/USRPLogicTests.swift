// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Testing

@testable import Radio

/// What the USRP's driver decides by itself: no device and no libuhd needed.
@Suite struct USRPLogicTests {
    private func at(_ seconds: Double) -> DeviceTime { DeviceTime(.zero).advanced(bySeconds: seconds) }

    // MARK: Fates of bursts

    private func fates() -> BurstFates {
        var fates = BurstFates(patience: 0.5)
        fates.add(1, start: at(1), duration: 0.1, now: at(0.9))
        fates.add(2, start: at(2), duration: 0.1, now: at(0.9))
        return fates
    }

    @Test func `an acknowledgement settles the burst that ended then, not the oldest`() {
        var fates = fates()
        #expect(fates.acknowledge(at: at(2.1))?.burst == 2)
        #expect(fates.acknowledge(at: at(1.1))?.burst == 1)
        #expect(fates.acknowledge(at: at(1.1)) == nil)
        #expect(fates.isEmpty)
    }

    @Test func `an event without a time is the oldest burst's`() {
        var fates = fates()
        #expect(fates.acknowledge(at: nil)?.burst == 1)
        #expect(fates.fail(.underflow, at: nil, "")?.burst == 2)
        #expect(fates.fail(.underflow, at: nil, "") == nil)
    }

    @Test func `trouble is a burst's that had begun, and a burst has one fate`() {
        var fates = fates()
        #expect(fates.fail(.late, at: at(1.01), "")?.burst == 1)
        #expect(fates.fail(.late, at: at(1.02), "") == nil)
        // The acknowledgement that some devices send after an underflow is nobody's.
        #expect(fates.acknowledge(at: at(1.1)) == nil)
        #expect(fates.fail(2, .underflow, "")?.burst == 2)
        #expect(fates.isEmpty)
    }

    @Test func `a burst of which nothing is heard is unacknowledged after its time, never before`() {
        var fates = fates()
        #expect(fates.wait(at: at(1.05)) == nil)
        #expect(fates.expire(at: at(1.59)).isEmpty)
        #expect(abs((fates.wait(at: at(1.2)) ?? 0) - 0.4) < 1e-9)
        let lost = fates.expire(at: at(1.61))
        #expect(lost.map(\.burst) == [1] && lost.map(\.kind) == [.unacknowledged])
        #expect(!fates.isEmpty)
    }

    @Test func `a burst that is handed over late still has time to be refused`() {
        var fates = BurstFates(patience: 0.5)
        fates.add(9, start: at(1), duration: 0.1, now: at(5))
        #expect(fates.expire(at: at(5.4)).isEmpty)
        #expect(fates.fail(.late, at: at(5.01), "")?.burst == 9)
    }

    // MARK: Windows by time stamps

    private func ramp(_ count: Int, from first: Int = 0) -> ArraySlice<IQ> {
        (0..<count).map { IQ(Float(first + $0), 0) }[...]
    }

    @Test func `a window in pieces is whole, and its time is the first sample's`() {
        var window = WindowAssembly(start: at(1), count: 300, rate: 1e3)
        window.take(ramp(100), at: at(1))
        window.take(ramp(100, from: 100), at: nil)
        window.take(ramp(150, from: 200), at: at(1.2))
        #expect(window.isComplete && window.trouble == nil)
        #expect(window.samples == Array(ramp(300)))
        #expect(window.start == at(1))
    }

    @Test func `samples of an earlier window are passed over by their time`() {
        var window = WindowAssembly(start: at(1), count: 100, rate: 1e3)
        window.take(ramp(50, from: 900), at: at(0.7))
        #expect(window.samples.isEmpty && window.stale == 50)
        // Half of this one is old.
        window.take(ramp(100, from: -50), at: at(0.95))
        #expect(window.samples == Array(ramp(50)))
        window.take(ramp(50, from: 50), at: at(1.05))
        #expect(window.samples == Array(ramp(100)) && window.trouble == nil)
    }

    @Test func `after a gap nothing more is taken, and the window says so`() {
        var window = WindowAssembly(start: at(1), count: 100, rate: 1e3)
        window.take(ramp(40), at: at(1))
        window.take(ramp(40, from: 50), at: at(1.05))
        window.take(ramp(40, from: 40), at: at(1.04))
        #expect(window.samples == Array(ramp(40)))
        #expect(window.trouble?.kind == .overflow && window.isComplete)
    }

    @Test func `a window that starts when it can takes its time from the first samples`() {
        var window = WindowAssembly(start: nil, count: 20, rate: 1e3)
        #expect(window.start == nil)
        window.take(ramp(20), at: at(3.5))
        #expect(window.start == at(3.5) && window.isComplete)
    }

    @Test func `samples at full scale are counted, one below it is not`() {
        var window = WindowAssembly(start: at(0), count: 4, rate: 1e3)
        window.take([IQ(1, 0), IQ(0, -1), IQ(0.99, -0.99), IQ(0.996, 0)], at: at(0))
        #expect(window.clipped == 3)
    }

    // MARK: The device's clock seen from the host

    @Test func `a clock that was set is noticed, a slow answer and a fast crystal are not`() {
        let host = ContinuousClock.now
        var clock = HostClock(device: at(10), host: host)
        #expect(clock.estimate(at: host + .seconds(2)) == at(12))
        // 100 ppm over an hour are 0.36 s: what is read every second never comes near.
        #expect(clock.read(at(11.0001), asked: host + .seconds(1), answered: host + .seconds(1)) == nil)
        #expect(clock.read(at(13.4), asked: host + .seconds(2), answered: host + .seconds(4)) == nil)
        let step = clock.read(at(0.5), asked: host + .seconds(5), answered: host + .seconds(5))
        #expect(step.map { $0 < -14 } == true)
        #expect(clock.estimate(at: host + .seconds(6)) == at(1.5))
    }

    @Test func `hours without a reading are no step, whatever the crystals`() {
        let host = ContinuousClock.now
        var clock = HostClock(device: at(10), host: host)
        let later = host + .seconds(7200)
        // 100 ppm of two hours.
        #expect(clock.read(at(7210.72), asked: later, answered: later) == nil)
        #expect(clock.read(at(7213), asked: later + .seconds(1), answered: later + .seconds(1)) != nil)
    }

    #if USRP
        @Test func `a clock that jumped is a fault that says what to look at`() {
            for step in [-14.0, 3600] {
                let error = USRPDevice.stepped(by: step, "the USRP")
                #expect(error.code == .radioFault)
                #expect(error.message.contains("\(step) s") && error.message.contains("--clock-source"))
            }
        }
    #endif

    // MARK: Arguments

    @Test func `lead and latency are taken out, the rest is libuhd's as it stands`() throws {
        let arguments = try USRPArguments(
            "type=b200,lead=0.004,serial=31A,latency=1e-3,master_clock_rate=20e6")
        #expect(arguments.device == "type=b200,serial=31A,master_clock_rate=20e6")
        #expect(arguments.lead == 0.004 && arguments.latency == 1e-3)
        #expect(try USRPArguments("").device == "")
        #expect(!arguments.simulated)
        let emulated = try USRPArguments("simulated=1,addr=1.2.3.4")
        #expect(emulated.simulated && emulated.device == "addr=1.2.3.4")
        #expect(try !USRPArguments("simulated=0").simulated)
        for bad in [
            "lead=", "lead", "lead=0", "lead=-1", "latency=nan", "latency=2", "lead=x", "simulated=yes",
        ] {
            #expect(throws: QWaveError.self, "\(bad)") { try USRPArguments("addr=1.2.3.4,\(bad)") }
        }
    }

    #if USRP
        @Test func `a library of another interface, and one that loses reception, are refused with a remedy`()
        {
            func message(_ version: String) -> String {
                do throws(QWaveError) {
                    try UHDVersion.check(running: version)
                    return ""
                } catch { return error.message }
            }
            #expect(message(UHDVersion.built).isEmpty)
            #expect(message("3.15.0").contains("build it anew"))
            #expect(message("nonsense").contains("build it anew"))
            #expect(UHDVersion.isSound([4, 2]) && UHDVersion.isSound([5, 0]))
            #expect(!UHDVersion.isSound([4, 1]) && !UHDVersion.isSound([3, 15]))
        }
    #endif
}
