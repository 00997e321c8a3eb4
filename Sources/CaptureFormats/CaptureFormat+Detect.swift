// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

extension CaptureFormat {
    /// The format of a file by its content; its name plays no part.
    ///
    /// Magic numbers decide first, then the structure of the first records, then whether it is text.
    ///
    /// - Parameters:
    ///   - bytes: the whole file, or its first 64 KiB at least.
    ///   - name: names the file in errors.
    /// - Throws: `.badInput` that names the foreign format where it is known, else lists what can be read.
    public static func detect(_ bytes: [UInt8], name: String) throws(QWaveError) -> CaptureFormat {
        let source = ByteSource(bytes, name: name)
        guard !bytes.isEmpty else { throw source.error(at: 0, "the file is empty") }
        if TraceFormat.matchesMagic(bytes) { return .trace }
        if PcapHeader.matchesMagic(bytes) { return .nexmon }
        if let foreign = ForeignFormat.named(bytes) {
            throw source.error(at: 0, "this is \(foreign), which QWave does not read. \(readable)")
        }
        if IntelDecoder.looksLikeLog(bytes) { return .intel5300 }
        if looksLikeText(bytes) {
            return ESP32Decoder.looksLikeLines(bytes) ? .esp32 : .table
        }
        if let foreign = ForeignFormat.guessed(bytes) {
            throw source.error(at: 0, "this looks like \(foreign), which QWave does not read. \(readable)")
        }
        throw source.error(at: 0, "no known capture format starts like this. \(readable)")
    }

    private static var readable: String {
        "It reads: " + allCases.map { "\($0.title) (\($0.rawValue))" }.joined(separator: ", ")
    }

    /// True when the first kilobytes hold printable characters, tabs and line ends only.
    static func looksLikeText(_ bytes: [UInt8]) -> Bool {
        bytes.prefix(4096).allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || ($0 >= 0x09 && $0 <= 0x0D) }
    }
}

/// Formats that are recognized only to be refused by name.
enum ForeignFormat {
    /// By a magic number.
    static func named(_ bytes: [UInt8]) -> String? {
        let table: [(offset: Int, magic: [UInt8], name: String)] = [
            (0, [0x0A, 0x0D, 0x0D, 0x0A], "a pcapng file (convert a Nexmon one with `editcap -F pcap`)"),
            (4, [0x15, 0x03, 0x15, 0x20], "a PicoScenes capture"),
            (0, [0x93] + Array("NUMPY".utf8), "a NumPy array"),
            (0, Array("MATLAB 5.0 MAT-file".utf8), "a MATLAB file"),
            (0, [0x89] + Array("HDF".utf8), "an HDF5 or MATLAB 7.3 file"),
            (0, [0x1F, 0x8B], "a gzip archive (unpack it first)"),
            (0, [0xFD] + Array("7zXZ".utf8), "an xz archive (unpack it first)"),
            (0, [0x28, 0xB5, 0x2F, 0xFD], "a zstd archive (unpack it first)"),
            (0, Array("PK".utf8) + [3, 4], "a zip archive (unpack it first)"),
        ]
        return table.first { entry in
            bytes.count >= entry.offset + entry.magic.count
                && bytes[entry.offset..<entry.offset + entry.magic.count].elementsEqual(entry.magic)
        }?.name
    }

    /// By the structure of the first record, where there is no magic number.
    static func guessed(_ bytes: [UInt8]) -> String? {
        if looksLikeFeitCSI(bytes) { return "a FeitCSI capture" }
        if looksLikeAtheros(bytes) { return "an Atheros CSI Tool log" }
        return nil
    }

    /// FeitCSI: a 272-byte header that starts with the 32-bit length of the gains behind it, and holds
    /// antenna counts and the number of subcarriers from byte 46 on.
    private static func looksLikeFeitCSI(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 272 else { return false }
        let length = Int(bytes[0]) | Int(bytes[1]) << 8 | Int(bytes[2]) << 16 | Int(bytes[3]) << 24
        let receive = Int(bytes[46])
        let transmit = Int(bytes[47])
        let tones = Int(bytes[52]) | Int(bytes[53]) << 8 | Int(bytes[54]) << 16 | Int(bytes[55]) << 24
        guard (1...4).contains(receive), (1...4).contains(transmit), (1...4096).contains(tones) else {
            return false
        }
        return length == 4 * receive * transmit * tones
    }

    /// Atheros: a 16-bit length in either byte order, then a status of 25 bytes with plausible counts.
    private static func looksLikeAtheros(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 27 else { return false }
        let little = Int(bytes[0]) | Int(bytes[1]) << 8
        let big = Int(bytes[1]) | Int(bytes[0]) << 8
        let countsFit =
            (bytes[18] == 56 || bytes[18] == 114) && (1...3).contains(bytes[19])
            && (1...3).contains(bytes[20])
        return countsFit && (little >= 25 || big >= 25)
    }
}
