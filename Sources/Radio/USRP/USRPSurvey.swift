public import QWaveCore

// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    internal import CUHD
#endif

/// What can be said about libuhd and the USRPs of this machine without using one: for `qwave doctor`.
public enum USRPSurvey {
    /// Whether this program was made with libuhd (package trait USRP).
    public static var isBuiltIn: Bool {
        #if USRP
            true
        #else
            false
        #endif
    }

    /// The version of libuhd. Throws `.unavailable` for one that won't do, with what to install.
    public static func library() throws(QWaveError) -> String {
        #if USRP
            try UHDVersion.check()
            return UHDLibrary.version
        #else
            throw missing
        #endif
    }

    /// The devices that answer to UHD's arguments, as UHD describes them; none for none. Takes a second or two.
    public static func devices(_ arguments: String = "") throws(QWaveError) -> [String] {
        #if USRP
            do throws(UHDFailure) { return try UHDLibrary.find(arguments) } catch {
                throw QWaveError(.unavailable, "libuhd can't look for devices", cause: error)
            }
        #else
            throw missing
        #endif
    }

    private static var missing: QWaveError {
        QWaveError(
            .unavailable,
            "this program was made without libuhd: install libuhd-dev and build it without --disable-default-traits"
        )
    }
}
