// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels

/// The instruction set that the delay correlator uses.
///
/// All give the same answers; `generic` is the specification. `automatic` is the fastest that this machine has,
/// or the one that the environment variable `QWAVE_KERNEL` names. A kernel that isn't available is replaced by
/// `generic`.
public enum CorrelatorKernel: Int32, Sendable, CaseIterable {
    case automatic = 0
    /// Portable C.
    case generic = 1
    /// x86-64 with AVX2.
    case avx2 = 2
    /// x86-64 with AVX-512.
    case avx512 = 3
    /// AArch64 with NEON.
    case neon = 4

    /// True when this machine can run the kernel.
    public var isAvailable: Bool { qw_correlate_available(rawValue) == 1 }

    /// The kernels that this machine can run.
    public static var available: [CorrelatorKernel] { allCases.filter(\.isAvailable) }

    /// What `automatic` stands for here.
    public static var chosen: CorrelatorKernel {
        CorrelatorKernel(rawValue: qw_correlate_chosen()) ?? .generic
    }
}
