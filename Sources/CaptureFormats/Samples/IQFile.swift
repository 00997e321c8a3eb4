// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore

/// Reads an IQ recording in pieces: any length in little memory. `-` is standard input.
public final class IQFileReader {
    public let format: IQFormat
    private let file: FileHandle
    private let path: String
    private var rest: [UInt8] = []
    private var toSkip: Int
    private var offset = 0

    /// - Parameter skipping: bytes of a header in front of the samples.
    /// - Throws: `.unavailable` when the file can't be read.
    public init(path: String, format: IQFormat, skipping: Int = 0) throws(QWaveError) {
        guard skipping >= 0 else {
            throw QWaveError(.usage, "a header of \(skipping) bytes can't be skipped")
        }
        self.format = format
        self.path = path
        toSkip = skipping
        if path == "-" {
            file = .standardInput
        } else {
            guard let opened = FileHandle(forReadingAtPath: path) else {
                throw QWaveError(.unavailable, "\(path) can't be read; check the name and the permissions")
            }
            file = opened
        }
    }

    /// The next samples, about `count` at most; nil at the end.
    ///
    /// - Throws: `.badInput` when the file ends inside a sample or the header.
    public func next(count: Int = 1 << 16) throws(QWaveError) -> [IQ]? {
        while true {
            let wanted = max(1, count) * format.bytesPerSample
            let piece = try read(toSkip > 0 ? min(toSkip, 1 << 20) : wanted)
            if toSkip > 0 {
                guard !piece.isEmpty else {
                    throw QWaveError(
                        .badInput,
                        "\(FileBytes.name(path)): the file ends \(toSkip) bytes before its samples begin")
                }
                toSkip -= piece.count
                offset += piece.count
                continue
            }
            if piece.isEmpty {
                if !rest.isEmpty { _ = try format.decode(rest, name: FileBytes.name(path), base: offset) }
                return nil
            }
            rest += piece
            let whole = rest.count - rest.count % format.bytesPerSample
            guard whole > 0 else { continue }
            let samples = try format.decode(Array(rest[..<whole]), name: FileBytes.name(path), base: offset)
            rest.removeFirst(whole)
            offset += whole
            return samples
        }
    }

    private func read(_ count: Int) throws(QWaveError) -> [UInt8] {
        do {
            return Array(try file.read(upToCount: count) ?? Data())
        } catch {
            throw QWaveError(.unavailable, "\(path) can't be read", cause: error)
        }
    }
}
