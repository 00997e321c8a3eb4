// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// The processor time of the calling thread: what a busy machine doesn't stretch.
public enum ThreadClock {
    /// Seconds of processor time that this thread has used, user and system.
    public static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
