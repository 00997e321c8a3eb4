// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// Looks for secrets in files: as they are, in hexadecimal of either case, and in base64.
struct FileScanner {
    /// Kept inverted, so that a search of memory beside this one doesn't find them here.
    private var secrets: [[UInt8]] = []

    /// Adds 24 bytes to look for: a multiple of three, or base64 wouldn't show all of them.
    mutating func add(_ bytes: [UInt8], at start: Int) {
        secrets.append((0..<24).map { ~bytes[start + $0] })
    }

    /// Writes one of them as a careless log would.
    func log(into file: URL) {
        guard let secret = secrets.first else { return }
        let text = secret.map { String(format: "%02x", ~$0) }.joined()
        try? Data("debug: \(text)\n".utf8).write(to: file)
    }

    /// How many files and secrets meet, under a folder, in files that aren't pads.
    func hits(under folder: URL) -> Int {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var hits = 0
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension != "pad", file.lastPathComponent != "epoch-0",
                let contents = try? Data(contentsOf: file)
            else { continue }
            for secret in secrets {
                let bytes = Data(secret.map { ~$0 })
                let hexadecimal = bytes.map { String(format: "%02x", $0) }.joined()
                let forms = [
                    bytes, Data(hexadecimal.utf8), Data(hexadecimal.uppercased().utf8),
                    Data(bytes.base64EncodedString().utf8),
                ]
                if forms.contains(where: { contents.range(of: $0) != nil }) { hits += 1 }
            }
        }
        return hits
    }
}
