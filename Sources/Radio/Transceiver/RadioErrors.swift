// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

extension QWaveError.Code {
    /// A device that answered is gone: unplugged, switched off, or its network failed (exit 69).
    public static let deviceGone = QWaveError.Code("deviceGone")
    /// Somebody else has the device (exit 69).
    public static let deviceClaimed = QWaveError.Code("deviceClaimed")
    /// A device that is there doesn't do its work, and trying again didn't help (exit 70).
    public static let radioFault = QWaveError.Code("radioFault")
}
