// SPDX-License-Identifier: GPL-3.0-or-later

extension RadioDrivers {
    /// All drivers of this build.
    public static var standard: RadioDrivers {
        var drivers: [any RadioDriver] = [VirtualDriver(), PlaybackDriver()]
        #if USRP
            drivers.append(USRPDriver())
        #endif
        return RadioDrivers(drivers)
    }
}
