// SPDX-License-Identifier: GPL-3.0-or-later
internal import Crypto
internal import Foundation

/// The version that `--version` and reports show; CHANGELOG.md tells what is in it.
enum Version {
    static let text = "0.1.0"

    /// What made a certificate: the version, and the SHA-256 of the program that ran as its code hash.
    static let software: [String: String] = {
        var result = ["qwave": text]
        if let path = Bundle.main.executableURL,
            let program = try? Data(contentsOf: path, options: .mappedIfSafe)
        {
            let digest = SHA256.hash(data: program).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
                .joined()
            result["source"] = "sha256:" + digest
        }
        return result
    }()
}
