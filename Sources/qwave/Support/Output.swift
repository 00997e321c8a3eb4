// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Foundation
internal import QWaveCore

/// What a command found out: an object for programs, and text for people.
protocol CommandResult: Encodable {
    /// Lines for a person, without a last line break.
    var text: String { get }
}

/// `--json`, on every subcommand: `@OptionGroup var output: OutputOptions`, then `try output.show(result)`.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON object on standard output, and nothing else there.")
    var json = false

    /// Prints a result once, at the end of a command.
    func show(_ result: some CommandResult) throws(QWaveError) {
        try StandardOutput.write(json ? JSON.line(result) : result.text + "\n")
    }
}

/// How results look to programs.
enum JSON {
    /// One object on one line, keys sorted, so that equal results are equal bytes.
    static func line(_ value: some Encodable) throws(QWaveError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
        } catch {
            throw QWaveError(.internalFault, "a result can't be written as JSON", cause: error)
        }
    }
}

/// A value that is written as `null` when it is absent, where leaving the key out would hide it.
struct OrNull<Value: Encodable>: Encodable {
    var value: Value?

    init(_ value: Value?) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}

extension OrNull: Sendable where Value: Sendable {}

enum StandardOutput {
    static func write(_ text: String) throws(QWaveError) { try write(text.utf8) }

    static func write(_ bytes: some Collection<UInt8>) throws(QWaveError) {
        let bytes = Array(bytes)
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes { rest in
                unsafe Foundation.write(1, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = errno == EPIPE ? "its reader has gone" : unsafe String(cString: strerror(errno))
                throw QWaveError(.storage, "standard output can't be written: \(reason)")
            }
            sent += count
        }
    }
}

enum StandardError {
    static let isTerminal = isatty(2) == 1

    /// Writes one line. There is nowhere left to complain when this fails.
    static func write(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
    }
}
