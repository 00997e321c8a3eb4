// SPDX-License-Identifier: GPL-3.0-or-later
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

// The system's error numbers that get advice of their own, under names that read the same on every platform.
let refusedCode = ECONNREFUSED
let inUseCode = EADDRINUSE
let noAddressCode = EADDRNOTAVAIL
let deniedCode = EACCES
