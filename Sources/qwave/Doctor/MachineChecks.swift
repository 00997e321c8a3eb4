// SPDX-License-Identifier: GPL-3.0-or-later
internal import CFFTW
internal import Fields
internal import Foundation
internal import QWaveCore

enum MachineChecks {
    /// The kernel that was picked for this processor; each has a portable twin, so its lack only costs time.
    static func processor(_ kernel: ClmulKernel = .chosen) -> Finding {
        let detail = "\(ProcessInfo.processInfo.activeProcessorCount) cores, carry-less products by \(kernel)"
        guard kernel != .generic else {
            return Finding(
                "processor", .warning, detail,
                advice: "hashing is much slower without PCLMULQDQ or PMULL; unset QWAVE_KERNEL if it is set")
        }
        return Finding("processor", .good, detail)
    }

    /// The operating system's generator delivers, and doesn't repeat itself.
    static func randomness(_ source: some RandomSource = SystemRandomSource()) -> Finding {
        do throws(QWaveError) {
            let first = try source.bytes(32)
            let second = try source.bytes(32)
            guard first.count == 32, first != second else {
                return Finding(
                    "randomness", .failure, "the system's random generator repeats itself",
                    advice: "don't make keys on this machine")
            }
            return Finding("randomness", .good, "the system's random generator delivers")
        } catch {
            return Finding(
                "randomness", .failure, "\(error)",
                advice: "allow the getrandom system call; there is no fallback")
        }
    }

    /// The transform library that is linked.
    static func transforms() -> Finding {
        let version = unsafe String(cString: qw_fftwf_version())
        guard version.hasPrefix("fftw-3.") else {
            return Finding("transforms", .failure, "FFTW says it is \(version)", advice: "run Scripts/setup")
        }
        return Finding("transforms", .good, version)
    }

    /// The wall clock names a plausible day, and the monotonic clock moves forward.
    static func clock(now: Date = Date()) -> Finding {
        let day = now.formatted(.iso8601)
        // 2025-01-01 to 2100-01-01, in seconds since 1970.
        guard (1_735_689_600..<4_102_444_800).contains(now.timeIntervalSince1970) else {
            return Finding(
                "clock", .failure, "the clock says \(day)",
                advice: "set it: records of captures and keys carry times")
        }
        let begun = ContinuousClock.now
        var later = begun
        for _ in 0..<1_000_000 where later <= begun { later = .now }
        guard later > begun else {
            return Finding(
                "clock", .failure, "the monotonic clock stands still", advice: "restart this machine")
        }
        return Finding("clock", .good, day)
    }
}
