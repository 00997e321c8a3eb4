// SPDX-License-Identifier: GPL-3.0-or-later
import Fields
import Foundation
import QWaveCore
import Radio
import Synchronization
import TestSupport
import Testing

@testable import qwave

@Suite struct DoctorTests {
    private struct StuckSource: RandomSource {
        func bytes(_ count: Int) throws(QWaveError) -> [UInt8] { [UInt8](repeating: 7, count: count) }
    }

    @Test func `a random generator that fails or repeats itself is a failure`() {
        #expect(MachineChecks.randomness().verdict == .good)
        #expect(MachineChecks.randomness(FailingRandomSource()).verdict == .failure)
        #expect(MachineChecks.randomness(StuckSource()).verdict == .failure)
    }

    @Test func `portable kernels are worth a warning, no more`() {
        #expect(MachineChecks.processor(.generic).verdict == .warning)
        #expect(MachineChecks.processor(.pclmul).verdict == .good)
        #expect(MachineChecks.processor().detail.contains("\(ClmulKernel.chosen)"))
    }

    @Test func `a clock before this program was written is a failure`() {
        #expect(MachineChecks.clock().verdict == .good)
        #expect(MachineChecks.clock(now: Date(timeIntervalSince1970: 0)).verdict == .failure)
        #expect(MachineChecks.clock(now: Date(timeIntervalSince1970: 5e9)).verdict == .failure)
    }

    @Test func `one failure makes the machine unhealthy, a warning does not`() {
        let good = Finding("a", .good, "fine")
        let warning = Finding("b", .warning, "slow", advice: "wait")
        let failure = Finding("c", .failure, "broken", advice: "mend it")
        #expect(DoctorReport([good, warning]).healthy)
        #expect(DoctorReport([good, warning]).text.contains("slow; wait"))
        #expect(!DoctorReport([good, failure]).healthy)
        #expect(DoctorReport([failure]).text.contains("FAILED   c  broken; mend it"))
    }

    @Test func `a folder that cannot be written is a failure with advice`() {
        let finding = StorageChecks.durability(in: "/nonexistent")
        #expect(finding.verdict == .failure)
        #expect(finding.advice?.contains("--pad") == true)
        #expect(StorageChecks.freeSpace(in: "/nonexistent").verdict == .failure)
    }

    @Test func `small socket buffers are a warning with the command that enlarges them`() {
        let small = RadioChecks.buffers { $0.hasSuffix("rmem_max") ? "212992\n" : "4000000\n" }
        #expect(small.verdict == .warning && small.detail.contains("212992"))
        #expect(small.advice?.contains("sysctl -w net.core.rmem_max=33554432") == true)
        #expect(small.advice?.contains("wmem_max") == false)
        #expect(RadioChecks.buffers { _ in "99999999" }.verdict == .good)
        #expect(RadioChecks.buffers { _ in nil }.verdict == .good)
    }

    @Test func `radios are never a failure where none is asked for`() {
        #expect(RadioChecks.library().verdict != .failure)
        #expect(RadioChecks.devices { () throws(QWaveError) in [] }.verdict == .warning)
        let found = RadioChecks.devices { () throws(QWaveError) in ["addr=10.0.0.2,claimed=True"] }
        #expect(found.verdict == .warning)
        let failed = RadioChecks.devices { () throws(QWaveError) in throw QWaveError(.unavailable, "planted")
        }
        #expect(failed.verdict == .warning && failed.advice != nil)
    }

    @Test func `a USRP on USB that may not be opened, or is slow, is a warning with a remedy`() throws {
        try Scratch.with { folder in
            func plug(_ name: String, _ values: [String: String]) throws {
                let device = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(at: device, withIntermediateDirectories: true)
                for (key, value) in values {
                    try Data("\(value)\n".utf8).write(to: device.appendingPathComponent(key))
                }
            }
            try plug("1-1", ["idVendor": "046d", "busnum": "1", "devnum": "2"])
            #expect(RadioChecks.permission(in: folder.path).detail == "no USRP on USB")
            try plug("2-1", ["idVendor": "2500", "busnum": "250", "devnum": "7", "speed": "5000"])
            let closed = RadioChecks.permission(in: folder.path)
            #expect(closed.verdict == .warning && closed.detail.contains("/dev/bus/usb/250/007"))
            #expect(closed.advice?.contains("udev") == true)
            // Nothing to say about its node: only its speed counts.
            try plug("2-1", ["busnum": ""])
            #expect(RadioChecks.permission(in: folder.path).verdict == .good)
            try plug("2-1", ["speed": "480"])
            #expect(RadioChecks.permission(in: folder.path).advice?.contains("USB 3") == true)
        }
    }

    @Test func `a radio that is asked for and isn't there is a failure`() async {
        #expect(await RadioTrial.run("addr=127.0.0.250").map(\.verdict) == [.failure])
    }

    @Test func `whatever isn't good comes with what to do about it`() async {
        let report = await DoctorReport.examine(padFolder: "/nonexistent", radio: "addr=127.0.0.250")
        #expect(!report.healthy)
        for finding in report.findings where finding.verdict != .good {
            #expect(finding.advice?.isEmpty == false, "\(finding)")
        }
    }

    /// A radio whose windows come as somebody says, number by number.
    private final class PlannedRadio: Transceiver {
        let capabilities = RadioCapabilities(
            name: "planned", sampleRate: 1e6, carrierFrequency: 2.4e9, leadTime: .zero, turnaround: .zero)
        let trouble: @Sendable (Int) -> RadioEvent.Kind?
        private let number = Mutex(0)

        init(_ trouble: @escaping @Sendable (Int) -> RadioEvent.Kind?) { self.trouble = trouble }

        func now() async throws(QWaveError) -> DeviceTime {
            DeviceTime(seconds: Int64(number.withLock { $0 }), fraction: 0)
        }
        func transmit(_ burst: TransmitBurst) async throws(QWaveError) {
            throw QWaveError(.internalFault, "the doctor sends nothing")
        }
        func receive(_ window: ReceiveWindow) async throws(QWaveError) -> ReceivedSamples {
            let number = number.withLock { number in
                defer { number += 1 }
                return number
            }
            let kind = trouble(number)
            if kind == .deviceGone { throw QWaveError(.deviceGone, "planned to go") }
            let isWhole = kind == nil || kind == .clipping
            return ReceivedSamples(
                start: window.start ?? DeviceTime(.zero),
                samples: [IQ](repeating: .zero, count: isWhole ? window.count : window.count / 2),
                trouble: isWhole ? nil : kind.map { RadioEvent($0) }, clipped: kind == .clipping ? 7 : 0)
        }
        func events() async throws(QWaveError) -> [RadioEvent] { [] }
        func close() async {}
    }

    @Test
    func `a second of samples is received, what is lost of it is counted, and each loss has its remedy`()
        async throws
    {
        let good = await RadioTrial.run(on: PlannedRadio { _ in nil })
        #expect(good.map(\.verdict) == [.good, .good])
        #expect(good.last?.detail == "20 of 20 windows of 50000 samples came whole, 0 samples lost")
        let cases: [(RadioEvent.Kind, String)] = [
            (.overflow, "lower --radio-rate"), (.sequenceError, "cable"), (.late, "lead="),
            (.timeout, "firewall"), (.clipping, "--rx-gain"),
        ]
        for (kind, remedy) in cases {
            let some = await RadioTrial.run(on: PlannedRadio { $0 % 10 == 3 ? kind : nil })
            #expect(some.map(\.verdict) == [.good, .warning], "\(kind)")
            #expect(some.last?.advice?.contains(remedy) == true, "\(kind): \(some)")
            if kind != .clipping {
                #expect(some.last?.detail.contains("50000 samples lost") == true, "\(some)")
            }
        }
        #expect(
            await RadioTrial.run(on: PlannedRadio { $0 == 0 ? .timeout : nil }).map(\.verdict) == [.failure])
        let bad = await RadioTrial.run(on: PlannedRadio { $0 > 5 ? .overflow : nil })
        #expect(bad.map(\.verdict) == [.good, .failure])
        let gone = await RadioTrial.run(on: PlannedRadio { $0 > 5 ? .deviceGone : nil })
        #expect(gone.map(\.check) == ["radio", "reception"] && gone.last?.detail.contains("planned") == true)
    }
}

extension RadioEvent.Kind {
    /// Not an event: the planned radio throws.
    fileprivate static let deviceGone = RadioEvent.Kind("device gone")
}
