// SPDX-License-Identifier: GPL-3.0-or-later

/// The version that `--version` and reports show; CHANGELOG.md tells what is in it.
enum Version {
    static let text = "0.1.0"
}
