// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

// One file for each MiB of each direction of each block, rather than one growing file for each direction: a
// block that is burnt or used up goes as a whole, a pending one has no offset yet, nothing ever moves, and a later
// seal has a unit whose wrapped key can be deleted.
extension Block {
    static let suffix = ".pad"

    func segmentName(_ direction: Direction, _ number: UInt64) -> String {
        "\(id)-\(direction.rawValue)-\(number)\(Self.suffix)"
    }

    var segmentNames: [String] {
        let count = (half + PadState.segmentSize - 1) / PadState.segmentSize
        return Direction.allCases.flatMap { direction in
            (0..<count).map { segmentName(direction, $0) }
        }
    }
}

extension PadState {
    /// Part of a stream that lies in one file.
    struct Piece: Sendable {
        let name: String
        /// Where it begins in the file.
        let position: Int
        let range: Range<UInt64>
        /// The whole file's part of the stream; nil where the file holds other things too.
        let whole: Range<UInt64>?
    }

    func pieces(_ stream: Stream, _ range: Range<UInt64>) -> [Piece] {
        let direction = direction(stream)
        guard stream == .padIn || stream == .padOut else {
            guard !range.isEmpty else { return [] }
            let base = 32 + Int(direction.rawValue) * identity.maskBytes
            return [
                Piece(name: Self.secretName, position: base + Int(range.lowerBound), range: range, whole: nil)
            ]
        }
        var pieces: [Piece] = []
        for block in table.blocks(in: range) {
            let start = block.start ?? 0
            var from = max(range.lowerBound, start)
            let end = min(range.upperBound, start + block.half)
            while from < end {
                let number = (from - start) / Self.segmentSize
                let first = start + number * Self.segmentSize
                let last = min(first + Self.segmentSize, start + block.half)
                let to = min(end, last)
                pieces.append(
                    Piece(
                        name: block.segmentName(direction, number), position: Int(from - first),
                        range: from..<to,
                        whole: first..<last))
                from = to
            }
        }
        return pieces
    }

    /// The bytes of `range`, which the caller has found to be generated and not erased.
    func read(_ stream: Stream, _ range: Range<UInt64>) throws(QWaveError) -> SecretBuffer {
        guard erased[stream.rawValue].intersection(RangeSet(range)).isEmpty else {
            throw QWaveError(.internalFault, "pad bytes \(range) were erased and can't be read again")
        }
        var buffer = SecretBuffer(count: range.count)
        for piece in pieces(stream, range) {
            let file = try storage.file(piece.name)
            let from = Int(piece.range.lowerBound - range.lowerBound)
            try buffer.withMutableBytes { (bytes: inout MutableSpan<UInt8>) throws(QWaveError) in
                try file.read(at: piece.position, into: &bytes, part: from..<from + piece.range.count)
            }
        }
        return buffer
    }

    /// Overwrites bytes for good, gives their storage back, and removes files of which nothing is left.
    mutating func erase(_ stream: Stream, _ range: Range<UInt64>) throws(QWaveError) {
        guard !range.isEmpty else { return }
        erased[stream.rawValue].insert(contentsOf: range)
        for piece in pieces(stream, range) where present.contains(piece.name) {
            let file = try storage.file(piece.name)
            let extent = piece.position..<piece.position + piece.range.count
            try file.clear(extent)
            if let whole = piece.whole, RangeSet(whole).subtracting(erased[stream.rawValue]).isEmpty {
                try file.sync()
                try storage.remove(piece.name)
                present.remove(piece.name)
                unflushed.remove(piece.name)
            } else if extent.count >= 4096 {
                // Flushed first: a hole punched over dirty pages would leave the old bytes on the medium.
                try file.sync()
                try file.punch(extent)
            } else {
                unflushed.insert(piece.name)
            }
        }
    }

    /// Erases whatever lies behind the marks and isn't erased yet, durably.
    mutating func eraseBehindMarks() throws(QWaveError) {
        for stream in Stream.allCases {
            let behind = RangeSet(0..<journal.record[stream].usedTo)
            for range in behind.subtracting(erased[stream.rawValue]).ranges { try erase(stream, range) }
        }
        for name in unflushed.sorted() { try storage.file(name).sync() }
        unflushed = []
        try storage.syncNames()
    }
}
