#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

// SPDX-License-Identifier: GPL-3.0-or-later

/// A bare TCP connection to this host, for peers that don't speak as they should; closed when it goes.
struct RawSocket: ~Copyable, Sendable {
    private let number: Int32

    /// Begins to connect, without waiting; nil where the system has no socket left.
    init?(port: Int) {
        #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        number = socket(AF_INET, kind, 0)
        guard number >= 0 else { return nil }
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = unsafe connect(number, $0, size)
            }
        }
    }

    deinit { _ = close(number) }

    /// Sends as much as goes at once; false where the other side is gone.
    borrowing func send(_ bytes: [UInt8]) -> Bool {
        let count = unsafe bytes.withUnsafeBytes { unsafe systemSend(number, $0.baseAddress, $0.count) }
        return count >= 0 || errno == EAGAIN || errno == EINPROGRESS || errno == ENOTCONN
    }

    /// One that several may hold.
    final class Shared: Sendable {
        let socket: RawSocket

        init?(port: Int) {
            guard let socket = RawSocket(port: port) else { return nil }
            self.socket = socket
        }
    }

    /// Lets this process have as many descriptors as the system allows.
    static func raiseLimit() {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard unsafe getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(resource, &limit)
    }
}

#if canImport(Glibc)
    private func systemSend(_ fd: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        unsafe Glibc.send(fd, bytes, count, Int32(MSG_NOSIGNAL))
    }
#else
    private func systemSend(_ fd: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        unsafe Darwin.send(fd, bytes, count, 0)
    }
#endif
