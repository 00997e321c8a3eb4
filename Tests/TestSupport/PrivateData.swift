// SPDX-License-Identifier: GPL-3.0-or-later
public import Foundation

/// Recorded captures and oracle files that aren't part of the repository.
///
/// They are looked for in `$QWAVE_CAPTURES` and `$QWAVE_ORACLES`, else beside the checkout in
/// `../shared/captures` and `../shared/oracles`; tests that need them are skipped, with a message, elsewhere.
public enum PrivateData {
    private static func folder(_ variable: String, _ name: String) -> URL? {
        let environment = ProcessInfo.processInfo.environment
        let candidates: [String] = [environment[variable], "../shared/\(name)"].compactMap { $0 }
        return candidates.map { URL(fileURLWithPath: $0) }.first { url in
            var isFolder: ObjCBool = false
            return unsafe FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
                && isFolder.boolValue
        }
    }

    public static let captures = folder("QWAVE_CAPTURES", "captures")
    public static let oracles = folder("QWAVE_ORACLES", "oracles")

    /// Use with `.enabled(if:)`.
    public static var hasCaptures: Bool { captures != nil }
    public static var hasOracles: Bool { oracles != nil }

    /// A recorded capture by its path below the captures folder.
    public static func capture(_ path: String) -> URL {
        captures?.appendingPathComponent(path) ?? URL(fileURLWithPath: "/nonexistent/" + path)
    }
}
