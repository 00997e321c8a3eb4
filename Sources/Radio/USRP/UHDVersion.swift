// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    internal import CUHD
    internal import QWaveCore

    /// Which libuhd this is, and whether it will do.
    enum UHDVersion {
        /// The version that this program was made with.
        static let built = UHD_VERSION_ABI_STRING

        /// Throws `.unavailable` for a library whose structures may differ, or that is known to stop receiving
        /// after an overflow (4.0 and 4.1 with a B210).
        static func check(running: String = UHDLibrary.interface) throws(QWaveError) {
            func parts(_ text: String) -> [Int] {
                text.split(separator: ".").prefix(2).compactMap { Int($0) }
            }
            let (now, then) = (parts(running), parts(built))
            guard now.count == 2, now == then else {
                throw QWaveError(
                    .unavailable,
                    "libuhd \(running) is installed, but this program was made with \(built): build it anew")
            }
            guard isSound(now) else {
                throw QWaveError(
                    .unavailable, "libuhd \(running) loses reception after an overflow: install 4.2 or later")
            }
        }

        static func isSound(_ version: [Int]) -> Bool { !version.lexicographicallyPrecedes([4, 2]) }
    }
#endif
