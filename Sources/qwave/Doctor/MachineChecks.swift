// SPDX-License-Identifier: GPL-3.0-or-later
internal import CFFTW
internal import Foundation
internal import QWaveCore

enum MachineChecks {
    /// Which of the fast kernels this processor can run; each has a generic twin, so their lack only costs time.
    static func processor() -> Finding {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let wanted = ["pclmulqdq", "avx2", "avx512f", "vpclmulqdq", "pmull", "asimd"]
        let flags = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)).map { text in
            let line = text.split(separator: "\n").first { $0.hasPrefix("flags") || $0.hasPrefix("Features") }
            return Set(line?.split(separator: " ").map(String.init) ?? [])
        }
        let found = wanted.filter { flags?.contains($0) == true }
        guard found.contains("pclmulqdq") || found.contains("pmull") else {
            return Finding(
                "processor", .warning, "\(cores) cores, no carry-less multiplication",
                advice: "hashing runs in portable code and is much slower")
        }
        return Finding("processor", .good, "\(cores) cores with \(found.joined(separator: ", "))")
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
