// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// `HOST:PORT` on a command line; a numeric IPv6 address stands in brackets.
enum Endpoint {
    /// - Parameter host: what a bare port goes with; nil where a host must be given.
    static func parse(_ text: String, host: String?, option: String) throws(QWaveError) -> (String, Int) {
        let cut = text.lastIndex(of: ":")
        let port = cut.map { text[text.index(after: $0)...] } ?? text[...]
        let name = cut.map { String(text[..<$0]) } ?? host
        guard var name, !name.isEmpty, let number = Int(port), (0...65_535).contains(number) else {
            throw QWaveError(
                .usage, "\(option) takes \(host == nil ? "HOST:PORT" : "[ADDRESS:]PORT"), not '\(text)'")
        }
        if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
        return (name, number)
    }
}
