// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    internal import CUHD
    internal import Foundation
    internal import Synchronization

    /// What libuhd offers without a device.
    ///
    /// Calls without a handle report errors in one text for the whole process, so they go through one lock.
    enum UHDLibrary {
        private static let lock = Mutex(false)

        /// One call at a time, with libuhd silent unless the user has said otherwise: it would print a banner, and
        /// letters for each underflow and overflow, into our standard error.
        static func exclusively<Result>(_ body: () throws(UHDFailure) -> Result) throws(UHDFailure) -> Result
        {
            try lock.withLock { isPrepared throws(UHDFailure) in
                if !isPrepared {
                    _ = unsafe setenv("UHD_LOG_CONSOLE_LEVEL", "fatal", 0)
                    _ = unsafe setenv("UHD_LOG_FASTPATH_DISABLE", "1", 0)
                    isPrepared = true
                }
                return try body()
            }
        }

        /// Throws what the process-wide text says; for calls that have no handle, inside `exclusively`.
        static func check(_ code: uhd_error, _ action: String) throws(UHDFailure) {
            guard code != UHD_ERROR_NONE else { return }
            let text = unsafe text { unsafe uhd_get_last_error($0, $1) }
            throw UHDFailure(action: action, code: code, text: text)
        }

        /// A text that a C function writes into a buffer; empty where it fails.
        static func text(_ body: (UnsafeMutablePointer<CChar>, Int) -> uhd_error) -> String {
            unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 2048) { buffer in
                unsafe buffer.initialize(repeating: 0)
                guard let start = buffer.baseAddress,
                    unsafe body(start, buffer.count - 1) == UHD_ERROR_NONE
                else { return "" }
                return unsafe String(cString: start)
            }
        }

        /// The version of the library that is loaded, like "4.3.0.0+ds1-5".
        static var version: String { unsafe text { unsafe uhd_get_version_string($0, $1) } }

        /// The version of its binary interface, like "4.3.0".
        static var interface: String { unsafe text { unsafe uhd_get_abi_string($0, $1) } }

        /// The devices that answer, one argument string each; one that is somebody's is among them.
        static func find(_ arguments: String) throws(UHDFailure) -> [String] {
            try exclusively { () throws(UHDFailure) in
                var list = try UHDStrings()
                unsafe try list.fill("look for devices") { unsafe uhd_usrp_find(arguments, $0) }
                return list.values
            }
        }

        /// Asks for real-time priority for the calling thread; false where the system doesn't allow it.
        ///
        /// After opening a device, never before: threads inherit it, and libuhd's thread for control messages
        /// asks the system without a pause, which starves a machine of two cores.
        static func raisePriority(to priority: Double) -> Bool {
            (try? exclusively { uhd_set_thread_priority(Float(priority), true) == UHD_ERROR_NONE }) ?? false
        }
    }

    /// libuhd's list of strings.
    @safe struct UHDStrings: ~Copyable {
        private var handle: OpaquePointer?

        init() throws(UHDFailure) {
            var made: OpaquePointer?
            try UHDLibrary.check(unsafe uhd_string_vector_make(&made), "make a list")
            unsafe handle = made
        }

        deinit {
            var old = unsafe handle
            if unsafe old != nil { _ = unsafe uhd_string_vector_free(&old) }
        }

        mutating func fill(
            _ action: String, _ body: (UnsafeMutablePointer<OpaquePointer?>) -> uhd_error
        ) throws(UHDFailure) {
            let code = unsafe body(&handle)
            if code != UHD_ERROR_NONE {
                let text = unsafe UHDLibrary.text { unsafe uhd_get_last_error($0, $1) }
                throw UHDFailure(action: action, code: code, text: text)
            }
        }

        var values: [String] {
            var count = 0
            guard unsafe uhd_string_vector_size(handle, &count) == UHD_ERROR_NONE else { return [] }
            return (0..<count).map { index in
                unsafe UHDLibrary.text { unsafe uhd_string_vector_at(handle, index, $0, $1) }
            }
        }
    }
#endif
