// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore

/// Reads an IQ recording in pieces: any length in little memory. `-` is standard input.
public final class IQFileReader {
    public let format: IQFormat
    /// Samples in the file, where that is known before it is read: not of a pipe.
    public let sampleCount: Int?
    private let file: FileHandle
    private let path: String
    private var rest: [UInt8] = []
    private var toSkip: Int
    private var offset = 0
    /// Bytes of samples that are still to be read; nil for all that come.
    private var left: Int?

    /// - Parameters:
    ///   - skipping: bytes of a header in front of the samples.
    ///   - length: bytes of samples behind it; nil takes all to the file's end.
    /// - Throws: `.unavailable` when the file can't be read.
    public init(
        path: String, format: IQFormat, skipping: Int = 0, length: Int? = nil
    ) throws(QWaveError) {
        guard skipping >= 0, length ?? 0 >= 0 else {
            throw QWaveError(
                .usage, "a header of \(skipping) bytes and \(length ?? 0) of samples can't be read")
        }
        self.format = format
        self.path = path
        toSkip = skipping
        left = length
        if path == "-" {
            file = .standardInput
            sampleCount = nil
        } else {
            guard let opened = FileHandle(forReadingAtPath: path) else {
                throw QWaveError(.unavailable, "\(path) can't be read; check the name and the permissions")
            }
            file = opened
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            let isRegular = attributes?[.type] as? FileAttributeType == .typeRegular
            let bytes = isRegular ? (attributes?[.size] as? NSNumber)?.intValue : nil
            sampleCount = bytes.map { min(max(0, $0 - skipping), length ?? .max) / format.bytesPerSample }
        }
    }

    /// The next samples, about `count` at most; nil at the end.
    ///
    /// - Throws: `.badInput` when the file ends inside a sample or the header, or before the length it should have.
    public func next(count: Int = 1 << 16) throws(QWaveError) -> [IQ]? {
        while true {
            if toSkip > 0 {
                let piece = try read(min(toSkip, 1 << 20))
                guard !piece.isEmpty else {
                    throw QWaveError(
                        .badInput,
                        "\(FileBytes.name(path)): the file ends \(toSkip) bytes before its samples begin")
                }
                toSkip -= piece.count
                offset += piece.count
                continue
            }
            let wanted = max(1, count) * format.bytesPerSample
            let piece = try read(min(wanted, left ?? .max))
            if piece.isEmpty {
                if let left, left > 0 {
                    throw QWaveError(
                        .badInput,
                        "\(FileBytes.name(path)): the file ends \(left) bytes before its samples do")
                }
                if !rest.isEmpty { _ = try format.decode(rest, name: FileBytes.name(path), base: offset) }
                return nil
            }
            if let known = left { left = known - piece.count }
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
        guard count > 0 else { return [] }
        do {
            return Array(try file.read(upToCount: count) ?? Data())
        } catch {
            throw QWaveError(.unavailable, "\(path) can't be read", cause: error)
        }
    }
}
