// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    internal import CUHD
    internal import QWaveCore

    /// A call into libuhd that failed: which, with what code, and what the object that it was made on says.
    struct UHDFailure: Error, Sendable, CustomStringConvertible {
        /// What was tried, as a person would say it: "set the receive gain".
        var action: String
        var code: uhd_error
        /// The last error of the handle itself; libuhd's global text may be another thread's by now.
        var text: String

        init(action: String, code: uhd_error = UHD_ERROR_UNKNOWN, text: String) {
            self.action = action
            self.code = code
            self.text = text
        }

        var description: String { "libuhd couldn't \(action): \(text) (code \(code.rawValue))" }

        /// Codes that say the way to the device is broken, not that the request was wrong.
        var isTransport: Bool {
            [UHD_ERROR_USB, UHD_ERROR_IO, UHD_ERROR_OS, UHD_ERROR_SYSTEM].contains(code)
        }

        /// What an attempt to open ended in: absent, somebody else's, or unfit.
        func opening(_ arguments: String) -> QWaveError {
            let name = arguments.isEmpty ? "any USRP" : "a USRP '\(arguments)'"
            if text.contains("claim") {
                return QWaveError(
                    .deviceClaimed,
                    "another program has \(name): end it, or wait ten seconds if it has just crashed",
                    cause: self)
            }
            if code == UHD_ERROR_KEY || code == UHD_ERROR_INVALID_DEVICE {
                return QWaveError(
                    .unavailable,
                    "\(name) doesn't answer: check power, cable and address; uhd_find_devices lists what does",
                    cause: self)
            }
            return QWaveError(
                .unavailable,
                "\(name) can't be opened: look at what libuhd says, and run qwave doctor", cause: self)
        }

        /// A device that was there and isn't any more.
        func gone(_ name: String) -> QWaveError {
            QWaveError(
                .deviceGone,
                "\(name) is gone: check its power, cable and network, then start again; no key was made of what "
                    + "was under way",
                cause: self)
        }

        /// A device that is there and refuses.
        func fault(_ name: String, _ advice: String) -> QWaveError {
            QWaveError(.radioFault, "\(name): \(advice)", cause: self)
        }
    }
#endif
