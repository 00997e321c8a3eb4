// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// What this process takes from the machine.
enum ProcessUse {
    /// Seconds of processor time of all threads, user and system.
    static func seconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Forgets earlier peaks of resident memory; Linux only, elsewhere the peak stays that of the whole run.
    static func forgetPeak() {
        try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
    }

    /// The most resident memory in bytes since the start, or since `forgetPeak`; 0 where nothing tells.
    static func peakBytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            if let kilobytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first {
                return (Int(kilobytes) ?? 0) * 1024
            }
        }
        #if canImport(Darwin)
            var usage = rusage()
            unsafe getrusage(RUSAGE_SELF, &usage)
            return Int(usage.ru_maxrss)
        #else
            return 0
        #endif
    }
}

extension ProcessUse {
    /// Resident memory now, in bytes; 0 where nothing tells.
    static func residentBytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        for line in status.split(separator: "\n") where line.hasPrefix("VmRSS:") {
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            return (fields.dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
        }
        return 0
    }
}
