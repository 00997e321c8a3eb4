// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels

/// The instruction set that carry-less multiplications use.
///
/// All give the same answers; `generic` is the specification. `automatic` is the fastest that this machine
/// has, or the one that the environment variable `QWAVE_KERNEL` names. A kernel that isn't available is
/// replaced by `generic`.
public enum ClmulKernel: Int32, Sendable, CaseIterable {
    case automatic = 0
    /// Integer multiplications only, on any machine.
    case generic = 1
    /// x86-64 with PCLMULQDQ.
    case pclmul = 2
    /// x86-64 with AVX2 and VPCLMULQDQ.
    case vpclmul = 3
    /// AArch64 with PMULL.
    case pmull = 4
    /// x86-64 with AVX-512 and VPCLMULQDQ; where one element at a time is multiplied, the same as `vpclmul`.
    case avx512 = 5

    /// True when this machine can run the kernel.
    public var isAvailable: Bool { qw_clmul_available(rawValue) == 1 }

    /// The kernels that this machine can run.
    public static var available: [ClmulKernel] { allCases.filter(\.isAvailable) }

    /// What `automatic` stands for here.
    public static var chosen: ClmulKernel { ClmulKernel(rawValue: qw_clmul_chosen()) ?? .generic }
}
