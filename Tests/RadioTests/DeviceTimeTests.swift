// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Radio

struct DeviceTimeTests {
    @Test(arguments: [1e6, 20e6, 61.44e6, 12_345_678.0, 200e6 / 3])
    func `every sample has an instant that leads back to it`(rate: Double) {
        for index: Int64 in [0, 1, 63, 64, 65, -1, 1_000_003, 1 << 40, -(1 << 40)] {
            #expect(DeviceTime(sample: index, rate: rate).sample(at: rate) == index)
        }
    }

    @Test func `ten million steps of a sample end exactly where one long step does`() {
        let step = DeviceTime(sample: 0, rate: 20e6).duration(to: DeviceTime(sample: 1, rate: 20e6))
        let start = DeviceTime(seconds: 1_000_000_000, fraction: 0.25)
        #expect(start.advanced(by: step * 10_000_000) == start.advanced(by: .milliseconds(500)))
        #expect(start.advanced(by: step).sample(at: 20e6) == start.sample(at: 20e6) + 1)
    }

    @Test func `seconds and fraction stand as UHD gives and takes them`() {
        let time = DeviceTime(seconds: 12, fraction: 0.75)
        #expect(time.seconds == 12)
        #expect(time.fraction == 0.75)
        let before = DeviceTime(seconds: -1, fraction: 0.25)
        #expect(before.seconds == -1)
        #expect(abs(before.fraction - 0.25) < 1e-15)
        #expect(abs(before.inSeconds + 0.75) < 1e-15)
        #expect(before < time)
        #expect(abs(before.seconds(to: time) - 13.5) < 1e-12)
    }

    @Test func `values that no clock shows do not trap`() {
        _ = DeviceTime(seconds: .max, fraction: .infinity).sample(at: 1e12)
        _ = DeviceTime(seconds: .min, fraction: .nan).sample(at: 0.1)
        _ = DeviceTime(sample: .max, rate: 1e-3)
    }
}
