// SPDX-License-Identifier: GPL-3.0-or-later

extension RadioDrivers {
    /// All drivers of this build.
    public static var standard: RadioDrivers {
        let drivers: [any RadioDriver] = []
        return RadioDrivers(drivers)
    }
}
