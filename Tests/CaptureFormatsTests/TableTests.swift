// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import Foundation
import QWaveCore
import TestSupport
import Testing

@Suite struct TableTests {
    private func read(_ text: String, _ column: String? = nil, all: Bool = false) throws -> Capture {
        try CaptureReader.decode(
            Array(text.utf8), name: "t.csv", options: CaptureOptions(column: column, allColumns: all))
    }
    private func values(_ capture: Capture) -> [Float] { capture.trace.gains.map(\.re) }

    @Test(
        .enabled(if: PrivateData.hasCaptures),
        arguments: [
            ("skyglow-mobile", "alice_dbm", 19_413), ("skyglow-anechoic", "bob_dbm", 3_316),
            ("skyglow-outdoor-sphere1", "alice_dbm", 6_745), ("rfm12b-static", "bob_dbm", 500_000),
            ("lora-sx126x-indoor", "alice_rssi", 2_000),
        ])
    func `recorded tables give the rows and first values of their oracle`(
        set: String, column: String, rows: Int
    ) throws {
        let path = PrivateData.capture("reciprocal/\(set)/pair.csv").path
        let trace = try CaptureReader.read(path: path, column: column)
        #expect(trace.count == rows && trace.description.quantity == .decibels)
        let oracle = try Oracle.json("reciprocal/\(set)/pair.oracle.json")
        let first = try #require(
            oracle[column.hasPrefix("alice") ? "first5_alice" : "first5_bob"] as? [Double])
        #expect(trace.gains.prefix(5).map { Double($0.re) } == first)
        // Every value against a reader of strings.
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let position = try #require(lines[0].split(separator: ",").firstIndex { $0 == column })
        let timed = lines[0].hasPrefix("time_s")
        for row in stride(from: 0, to: rows, by: max(1, rows / 500)) {
            let fields = lines[row + 1].split(separator: ",")
            #expect(trace.gains(at: row).first?.re == Float(fields[position]))
            if timed { #expect(trace.time(at: row) == Double(fields[0])) }
        }
    }

    @Test(.enabled(if: PrivateData.hasCaptures))
    func `both of Eve's columns are two receive antennas`() throws {
        let path = PrivateData.capture("reciprocal/skyglow-mobile/eve.csv").path
        let trace = try CaptureReader.read(path: path, column: "eve_0_dbm,eve_1_dbm")
        #expect(trace.shape(at: 0) == SnapshotShape(receiveAntennas: 2))
        #expect(trace.gains.prefix(4).map(\.re) == [-62, -52, -62, -52])
    }

    @Test(
        arguments: [
            "time_s,alice_dbm,x\n0.5,-60,1\n1.5,-61,2\n", "time_s;alice_dbm;x\r\n0.5;-60;1\r\n1.5;-61;2",
            "# a comment\n\ntime_s\talice_dbm\tx\n0.5\t-60\t1\n# another\n1.5\t-61\t2\n",
            "\u{FEFF}\"time_s\",\"alice_dbm\",\"x, y\"\n\"0.5\",\"-60\",\"1\"\n 1.5 , -61 ,2,\n",
            "time_s alice_dbm x\n0.5  -60 1\n  1.5 -61\t2  \n",
        ])
    func `separators, quotes, comments and line ends don't change what is read`(text: String) throws {
        let capture = try read(text, "alice_dbm")
        #expect(values(capture) == [-60, -61])
        #expect([capture.trace.time(at: 0), capture.trace.time(at: 1)] == [0.5, 1.5])
        #expect(capture.trace.description.quantity == .decibels)
        #expect(capture.columns.count == 2)
    }

    @Test func `a table without header has its time first if there are two columns`() throws {
        let one = try read("-60\n-61\n-60.5")
        #expect(values(one) == [-60, -61, -60.5] && one.trace.time(at: 0) == nil)
        #expect(one.trace.description.quantity == .decibels)
        let two = try read("10 0.25\n11 0.5\n")
        #expect(values(two) == [0.25, 0.5] && two.trace.time(at: 1) == 11)
        #expect(two.trace.description.quantity == .amplitude)
        #expect(values(try read("1,2,3\n4,5,6\n", "3")) == [3, 6])
    }

    @Test func `quantity, sequence and units follow the names`() throws {
        let capture = try read("idx,time_us,gain\n5,1500000,2\n4,2500000,3\n")
        #expect([capture.trace.sequence(at: 0), capture.trace.sequence(at: 1)] == [5, 4])
        #expect([capture.trace.time(at: 0), capture.trace.time(at: 1)] == [1.5, 2.5])
        #expect(capture.trace.description.quantity == .amplitude)
        for name in ["a_dbm", "A_DB", "rssi", "alice_rssi"] {
            #expect(try read("\(name)\n1\n").trace.description.quantity == .decibels)
        }
    }

    @Test func `a choice that must be made is asked for, with the columns`() throws {
        let text = "time,a_dbm,b_dbm,c\n1,2,3,4\n"
        let error = failure { _ = try read(text) }
        #expect(error?.code == .usage && error?.message.contains("a_dbm, b_dbm, c") == true)
        #expect(failure { _ = try read(text, "d") }?.code == .usage)
        #expect(failure { _ = try read(text, "a_dbm,c") }?.code == .usage)
        #expect(failure { _ = try read(text, "a_dbm,a_dbm") }?.code == .usage)
        #expect(failure { _ = try read("a,a\n1,2\n", "a") }?.code == .usage)
        #expect(failure { _ = try read("time\n1\n") }?.code == .badInput)
        #expect(try read(text, all: true).trace.shape(at: 0).receiveAntennas == 3)
        #expect(values(try read(text, "A_DBM")) == [2])
    }

    @Test(
        arguments: [
            ("a\n1\nx\n", 3), ("a\n1\nnan\n", 3), ("a\n1\n1e39\n", 3), ("a,b_dbm\n1,2\n1\n", 3),
            ("a,b_dbm\n1,2\n1,2,3\n", 3), ("a,b_dbm\n1,2\n,\n", 3), ("time,b_dbm\n1,2\ninf,2\n", 3),
            ("seq,b_dbm\n1,2\n-1,2\n", 3), ("seq,b_dbm\n1,2\n1.5,2\n", 3), ("b_dbm\n1\n\"2\n3\n", 3),
            ("b_dbm\n", 1), ("b_dbm\n0x10\n", 2), ("b_dbm\n1 2\n", 2), ("b_dbm\n--1\n", 2),
        ])
    func `a field that is no finite number, or a missing one, names its line`(text: String, line: Int) {
        let column = text.hasPrefix("a,b") ? "b_dbm" : nil
        let error = failure { _ = try read(text, column) }
        #expect(error?.code == .badInput)
        #expect(error?.message.hasPrefix("t.csv: line \(line): ") == true, "\(String(describing: error))")
    }

    @Test func `numbers are read as the standard library reads them`() throws {
        var random = SplitMix64(seed: 11)
        var texts = [
            "0", "-0", "+5", "1.", ".5", "1e5", "1E-7", "9007199254740993", "1459778134.513000", "0.1",
            "1e22", "1e23",
            "123456789012345678901234567890", "4.9e-324", "23.265417896843445", "0.000000000000000000000001",
        ]
        for _ in 0..<2000 {
            let value =
                Double.random(in: -1...1, using: &random)
                * pow(10, Double.random(in: -12...12, using: &random))
            texts.append("\(value)")
            texts.append(String(format: "%.*f", Int.random(in: 0...9, using: &random), value))
        }
        let trace = try read("time_s,a\n" + texts.map { "\($0),1\n" }.joined()).trace
        for (index, text) in texts.enumerated() { #expect(trace.time(at: index) == Double(text), "\(text)") }
    }

    @Test func `a long table keeps every row`() throws {
        let count = 100_000
        var text = "time_s,a_dbm\n"
        for row in 0..<count { text += "\(row).5,-\(row % 97)\n" }
        let trace = try read(text).trace
        #expect(trace.count == count)
        #expect((0..<count).allSatisfy { trace.time(at: $0) == Double($0) + 0.5 })
        #expect((0..<count).allSatisfy { trace.gains[$0].re == -Float($0 % 97) })
    }
}
