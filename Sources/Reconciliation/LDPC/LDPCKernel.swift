// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels

/// The instruction set that LDPC decoding uses.
///
/// All give the same posteriors, messages and iteration counts; `generic` is the specification. `automatic` is the
/// widest that this machine has, or the one that the environment variable `QWAVE_KERNEL` names. A kernel that
/// isn't available is replaced by `generic`.
public enum LDPCKernel: Int32, Sendable, CaseIterable {
    case automatic = 0
    /// Plain integers, on any machine.
    case generic = 1
    /// x86-64 with AVX2.
    case avx2 = 2
    /// x86-64 with AVX-512 BW and VBMI.
    case avx512 = 3
    /// AArch64.
    case neon = 4

    /// True when this machine can run the kernel.
    public var isAvailable: Bool { qw_ldpc_available(rawValue) == 1 }

    /// The kernels that this machine can run.
    public static var available: [LDPCKernel] { allCases.filter(\.isAvailable) }

    /// What `automatic` stands for here.
    public static var chosen: LDPCKernel { LDPCKernel(rawValue: qw_ldpc_chosen()) ?? .generic }
}
