// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import OneTimePad
internal import QWaveCore

/// `qwave wrap`: a file, a key or a stream under the pad.
struct WrapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wrap",
        abstract: "Encrypts and tags a file, a key or a stream under the pad.",
        discussion: """
            Each byte takes a byte of the pad, each message at least 24 more; where the pad is too short nothing \
            is spent, and the status is 3. The peer opens messages with qwave unwrap, in the order in which they \
            were made. With --key-id the input is one key of up to 65,535 bytes, sent with its identifier.

            Examples:
              qwave wrap --pad office plan.txt plan.qw
              qwave wrap --pad office --key-id 00112233445566778899aabbccddeeff key.bin key.qw
            """)

    @OptionGroup var pad: PadOptions

    @Option(
        help: ArgumentHelp("Wrap the input as a key with this identifier of 16 bytes.", valueName: "hex"),
        transform: KeyIdentifier.init(parsing:))
    var keyID: KeyIdentifier?

    @OptionGroup var streams: StreamOptions

    func run() async throws {
        let report = try pad.withStore { store in
            try streams.write { output in
                let wrapper = try Wrapper(store)
                guard let keyID else {
                    var input = try FileInput(streams.input)
                    return try wrapper.wrap(&input, to: &output)
                }
                var bytes = try Files.read(streams.input, limit: 65_535)
                defer { bytes.wipe() }
                let key = try WrappedKey(id: keyID.bytes, key: SecretBuffer(copying: bytes))
                return try wrapper.wrapKeys([key], to: &output)
            }
        }
        try streams.show(WrapOutcome(report: report, verb: "Wrapped"))
    }
}

/// What a wrap or an unwrap did.
struct WrapOutcome: CommandResult {
    var report: WrapReport
    var verb: String

    func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

    var text: String {
        let what = report.keys > 0 ? "\(report.keys) keys of \(report.bytes) bytes" : "\(report.bytes) bytes"
        return "\(verb) \(what) in \(report.frames) frames with \(report.padBytes) bytes of the pad."
    }
}

/// The 16 bytes that name a key, as 32 hexadecimal digits; the hyphens of a UUID are allowed.
struct KeyIdentifier: Sendable {
    let bytes: [UInt8]

    init(parsing text: String) throws {
        let digits = text.filter { $0 != "-" }.compactMap(\.hexDigitValue)
        guard digits.count == 32, text.allSatisfy({ $0 == "-" || $0.isHexDigit }) else {
            throw ValidationError("a key identifier has 32 hexadecimal digits, not \"\(text)\"")
        }
        bytes = stride(from: 0, to: 32, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var text: String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
