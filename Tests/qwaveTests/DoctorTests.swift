// SPDX-License-Identifier: GPL-3.0-or-later
import Fields
import Foundation
import QWaveCore
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
}
