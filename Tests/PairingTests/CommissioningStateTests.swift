// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Quantization
import TestSupport
import Testing

@testable import Pairing

/// The window of published samples as a value and as a file.
@Suite struct CommissioningStateTests {
    static let kind = CommissioningState.Kind(feature: .scalar, columns: 1, tones: [], simulated: true)
    private static let date = "2026-11-28T10:00:00Z"

    private static func matrix(_ rows: Int, columns: Int = 1, seed: UInt64) -> FeatureMatrix {
        var random = SplitMix64(seed: seed)
        return FeatureMatrix(
            rows: rows, columns: columns,
            values: (0..<rows * columns).map { _ in Float(Traces.gaussian(&random)) })
    }

    private static func state(_ rows: Int = 1200, window: Int = 4096, seed: UInt64 = 1) throws
        -> CommissioningState
    {
        try #require(
            CommissioningState(
                kind: kind, rate: 50, environment: "office", initiator: matrix(rows, seed: seed),
                responder: matrix(rows, seed: seed + 100), breaks: [3, 100, 700], window: window, date: date))
    }

    @Test(arguments: [1023, 1024, 1025, 1151, 1152, 1200, 5000])
    func `a window keeps the newest whole units, or there is none`(rows: Int) throws {
        let state = CommissioningState(
            kind: Self.kind, rate: nil, environment: "", initiator: Self.matrix(rows, seed: 1),
            responder: Self.matrix(rows, seed: 2), breaks: [], window: 4096, date: Self.date)
        guard rows >= 1024 else {
            #expect(state == nil)
            return
        }
        let kept = min(rows, 4096) / 128 * 128
        let made = try #require(state)
        #expect(made.pairs == kept && made.starts == [0])
        #expect(made.initiator == Self.matrix(rows, seed: 1).slice(rows - kept..<rows))
    }

    @Test func `what an exchange adds pushes the oldest out, and runs and breaks move along`() throws {
        var state = try Self.state()
        #expect(state.breaks == [52, 652] && state.exchanges == 1)
        var everything = state.initiator.values
        for round in 0..<9 {
            let new = Self.matrix(384, seed: UInt64(200 + round))
            state = state.adding(
                initiator: new, responder: Self.matrix(384, seed: UInt64(300 + round)), breaks: [7],
                window: 2000, date: "2026-11-29T10:00:00Z")
            everything += new.values
            #expect(state.pairs == min(everything.count, 2000) / 128 * 128)
            #expect(state.initiator.values == Array(everything.suffix(state.pairs)))
            #expect(Set(state.breaks).isSuperset(of: state.joints))
            #expect(state.starts[0] == 0 && state.starts.allSatisfy { $0 % 128 == 0 })
        }
        #expect(state.exchanges == 10 && state.first == Self.date && state.last.hasPrefix("2026-11-29"))
        // Five of 384 pairs fill a window of 1,920.
        #expect(state.starts == [0, 384, 768, 1152, 1536])
        #expect(state.breaks == [7, 384, 391, 768, 775, 1152, 1159, 1536, 1543])
    }

    @Test func `a state survives its file bit for bit, and its digest sees samples but no names`() throws {
        var state = try Self.state()
        let back = try CommissioningState(json: try state.json())
        #expect(back == state && back.digest == state.digest)
        #expect(CommissioningState.isState(try state.json()) && !CommissioningState.isState(Array("{}".utf8)))
        state.environment = "yard"
        #expect(state.digest == back.digest)
        var values = state.responder.values
        values[1000] = values[1000].nextUp
        let other = CommissioningState(
            kind: state.kind, rate: state.rate, environment: "", initiator: state.initiator,
            responder: FeatureMatrix(rows: state.pairs, columns: 1, values: values), starts: state.starts,
            breaks: state.breaks, exchanges: 1, first: state.first, last: state.last)
        #expect(other.digest != state.digest)
        state.dropped = ["coherence floor"]
        #expect(try CommissioningState(json: try state.json()).dropped == ["coherence floor"])
    }

    /// One field of the document changed.
    private static func changed(_ path: [String], _ value: Any?) throws -> [UInt8] {
        let parsed = try JSONSerialization.jsonObject(with: Data(try state().json()))
        var document = try #require(parsed as? [String: Any])
        if path.count == 1 {
            document[path[0]] = value
        } else {
            var window = try #require(document[path[0]] as? [String: Any])
            window[path[1]] = value
            document[path[0]] = window
        }
        return Array(try JSONSerialization.data(withJSONObject: document))
    }

    @Test func `a damaged or hostile file isn't read, and the error says what to do`() throws {
        #expect(throws: Never.self) { try CommissioningState(json: Self.changed(["environment"], "x")) }
        let nan = Data([0x7F, 0xC0, 0, 0] + [UInt8](repeating: 0, count: 4 * 1151)).base64EncodedString()
        let zeros = Data(count: 4 * 1152).base64EncodedString()
        let changes: [([String], Any?)] = [
            (["format"], "qwave commissioning state 9"), (["format"], nil), (["feature"], "nonsense"),
            (["columns"], 0), (["columns"], -1), (["columns"], 2), (["columns"], Int.max), (["rate"], -1),
            (["rate"], 1e300), (["tones"], [1]), (["digest"], "00"), (["exchanges"], 0),
            (["exchanges"], Int.max), (["first"], "yesterday"), (["simulated"], false),
            (["environment"], String(repeating: "x", count: 10_000)),
            (["dropped"], [String](repeating: "x", count: 1000)), (["window"], 3),
            (["window", "pairs"], 0), (["window", "pairs"], 1024), (["window", "pairs"], 1153),
            (["window", "pairs"], Int.max), (["window", "pairs"], Int.min), (["window", "starts"], [Int]()),
            (["window", "starts"], [128]), (["window", "starts"], [0, 100]),
            (["window", "starts"], [0, 1152]), (["window", "starts"], [0, Int.max]),
            (["window", "starts"], [0, -128]), (["window", "starts"], [0, 256]),
            (["window", "breaks"], [0]), (["window", "breaks"], [5, 5]), (["window", "breaks"], [1152]),
            (["window", "breaks"], [Int.min, 5]), (["window", "breaks"], [52, 653]),
            (["window", "initiator"], "%%%"), (["window", "initiator"], ""), (["window", "initiator"], nan),
            (["window", "responder"], zeros), (["window", "responder"], nil),
        ]
        for (path, value) in changes {
            let bytes = try Self.changed(path, value)
            let error = #expect(throws: QWaveError.self, "\(path) \(value ?? "absent")") {
                try CommissioningState(json: bytes)
            }
            #expect(error?.code == .badInput && error?.message.contains("remove the file") == true)
        }
        let whole = try Self.state().json()
        for bytes in [[], Array("[]".utf8), Array("{}".utf8), Array(whole.prefix(whole.count / 2))] {
            #expect(throws: QWaveError.self) { try CommissioningState(json: bytes) }
        }
        // A flipped bit anywhere is no state, or the same one.
        var random = SplitMix64(seed: 9)
        let state = try Self.state()
        for _ in 0..<200 {
            var bytes = whole
            bytes[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() % 8)
            guard let read = try? CommissioningState(json: bytes) else { continue }
            #expect(read.digest == state.digest)
        }
    }

    @Test func `a unit that stands in the window is found at any place, and a still one isn't looked for`()
        throws
    {
        let state = try Self.state()
        let fresh = Self.matrix(2000, seed: 77)
        #expect(!state.holds(fresh, of: .initiator) && !state.holds(fresh, of: .responder))
        for offset in [0, 1, 63, 500] {
            var values = fresh.values
            values.replaceSubrange(offset..<offset + 300, with: state.responder.values[400..<700])
            let again = FeatureMatrix(rows: 2000, columns: 1, values: values)
            #expect(state.holds(again, of: .responder) && !state.holds(again, of: .initiator))
        }
        let still = FeatureMatrix(rows: 1152, columns: 1, values: [Float](repeating: -60, count: 1152))
        let frozen = try #require(
            CommissioningState(
                kind: Self.kind, rate: nil, environment: "", initiator: still, responder: still, breaks: [],
                window: 2000, date: Self.date))
        #expect(!frozen.holds(still, of: .initiator))
    }

    @Test func `a refresh is whole units, never less than 256 pairs nor more than half a window`() {
        let carry = CommissioningCarry(refresh: 0.05, window: 20_000)
        #expect(carry.refreshPairs(of: 300) == 256 && carry.refreshPairs(of: 5000) == 256)
        #expect(carry.refreshPairs(of: 6000) == 384 && carry.refreshPairs(of: 30_000) == 1536)
        #expect(carry.refreshPairs(of: 10_000_000) == 9984)
        #expect(CommissioningCarry(window: 1024).refreshPairs(of: 1_000_000) == 512)
        #expect(carry.refreshPairs(of: 1_000_000, columns: 1 << 14) == 512)
        for refresh in [0, 1, -1, .nan, .infinity] as [Double] {
            #expect(throws: QWaveError.self) {
                try CommissioningCarry(refresh: refresh).validate(ExchangeOptions())
            }
        }
        for window in [0, 1023, 40_001, .max] {
            #expect(throws: QWaveError.self) {
                try CommissioningCarry(window: window).validate(ExchangeOptions())
            }
        }
    }
}
