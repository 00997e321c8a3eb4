// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Quantization

/// PROBES as bytes. Numbers that a radio counted rise by one for as long as nothing is lost: as runs they take a
/// hundredth of their own size.
extension ProbeList {
    private enum Kind {
        static let sequences: UInt8 = 0
        static let times: UInt8 = 1
        static let rows: UInt8 = 2
        static let runs: UInt8 = 3
        /// First number and length of a run.
        static let runBytes = 8 + 4
    }

    var encoded: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .sequences(let list):
            let runs = Self.runs(of: list)
            if Kind.runBytes * runs.count < 8 * list.count {
                writer.write(Kind.runs)
                writer.write(UInt64(list.count))
                for run in runs {
                    writer.write(run.first)
                    writer.write(run.length)
                }
            } else {
                writer.write(Kind.sequences)
                writer.write(UInt64(list.count))
                for value in list { writer.write(value) }
            }
        case .times(let list):
            writer.write(Kind.times)
            writer.write(UInt64(list.count))
            for value in list { writer.write(value) }
        case .rows(let count):
            writer.write(Kind.rows)
            writer.write(UInt64(count))
        }
        return writer.bytes
    }

    private static func runs(of list: [UInt64]) -> [(first: UInt64, length: UInt32)] {
        var runs: [(first: UInt64, length: UInt32)] = []
        for value in list {
            if let last = runs.last, last.length < .max, value > last.first,
                value - last.first == UInt64(last.length)
            {
                runs[runs.count - 1].length += 1
            } else {
                runs.append((value, 1))
            }
        }
        return runs
    }

    /// Probes that a list may hold: a hundred million, five weeks at 30 a second.
    static let maximumCount = 100_000_000

    /// Probes that a peer's list may have beside this one: no peer makes an end hold far more than it has itself.
    var peerLimit: Int { min(Self.maximumCount, max(1 << 18, 8 * count)) }

    /// Bytes of a list of so many probes at the most.
    static func bytes(ofAtMost count: Int) -> Int { 9 + 8 * count }

    /// - Parameter limit: probes that are taken; rows, which take no memory, may be more.
    init(encoded bytes: [UInt8], atMost limit: Int) throws(QWaveError) {
        var reader = ByteReader(bytes, what: "probe list")
        let kind = try reader.read(UInt8.self)
        let count = try reader.read(UInt64.self)
        let most = kind == Kind.rows ? Self.maximumCount : min(limit, Self.maximumCount)
        guard count <= UInt64(most) else { throw Self.contradicted }
        switch kind {
        case Kind.sequences:
            guard count * 8 == UInt64(reader.remaining) else { throw Self.contradicted }
            var list: [UInt64] = []
            for _ in 0..<count { list.append(try reader.read()) }
            self = .sequences(list)
        case Kind.runs:
            self = .sequences(try Self.sequences(Int(count), inRunsOf: &reader))
        case Kind.times:
            guard count * 8 == UInt64(reader.remaining) else { throw Self.contradicted }
            var list: [Double] = []
            for _ in 0..<count {
                let time = try reader.readDouble()
                guard time.isFinite else {
                    throw QWaveError(.protocolViolation, "a probe time isn't a number")
                }
                list.append(time)
            }
            self = .times(list)
        case Kind.rows: self = .rows(Int(count))
        default: throw QWaveError(.protocolViolation, "unknown kind of probe list \(kind)")
        }
        try reader.finish()
    }

    private static func sequences(_ count: Int, inRunsOf reader: inout ByteReader) throws(QWaveError)
        -> [UInt64]
    {
        // All runs are read before a number is made of them: a count that they don't add up to reserves nothing.
        var runs: [(first: UInt64, length: UInt32)] = []
        var total: UInt64 = 0
        while reader.remaining > 0 {
            let first = try reader.read(UInt64.self)
            let length = try reader.read(UInt32.self)
            total += UInt64(length)
            guard length > 0, total <= UInt64(count), first <= .max - UInt64(length - 1) else {
                throw contradicted
            }
            runs.append((first, length))
        }
        guard total == UInt64(count) else { throw contradicted }
        var list: [UInt64] = []
        list.reserveCapacity(count)
        for run in runs { list.append(contentsOf: run.first...(run.first + UInt64(run.length - 1))) }
        return list
    }

    private static var contradicted: QWaveError {
        QWaveError(.protocolViolation, "the peer's probe list doesn't hold what it says")
    }
}
