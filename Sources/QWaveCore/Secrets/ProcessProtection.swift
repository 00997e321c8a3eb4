// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels

/// What a program that holds secrets asks of the system before it has any.
public enum ProcessProtection {
    /// No core file is written of this process (RLIMIT_CORE 0).
    ///
    /// - Parameter isPrivate: nor may another process of the same user look into its memory (PR_SET_DUMPABLE 0, Linux);
    ///   then it can't measure some things about itself either.
    /// - Throws: `.internalFault` where the system refuses.
    public static func apply(isPrivate: Bool = true) throws(QWaveError) {
        let status = qw_protect_process(isPrivate ? 1 : 0)
        guard status == 0 else {
            throw QWaveError(
                .internalFault, "the system won't keep this process's memory to itself (errno \(status))")
        }
    }
}
