// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// A generated Swift file that holds codes as text.
enum ResourceFile {
    /// A multi-line literal of the text, 100 characters a line.
    static func literal(_ text: String, indent: String) -> String {
        var lines: [Substring] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            lines.append(rest.prefix(100))
            rest = rest.dropFirst(100)
        }
        return (["\"\"\""] + lines.map { indent + $0 } + [indent + "\"\"\""]).joined(separator: "\n")
    }

    static let head = """
        // SPDX-License-Identifier: GPL-3.0-or-later
        // Written by `swift run -c release design-codes make`; not to be edited.

        """

    static func write(_ body: String, to path: String) throws {
        try (head + "\n" + body + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        print("wrote \(path)")
    }
}
