// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import Foundation
import QWaveCore
import TestSupport
import Testing

@Suite struct SummaryTests {
    private func json(_ summary: CaptureSummary) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: try JSONEncoder().encode(summary)) as? [String: Any])
    }

    @Test(.enabled(if: PrivateData.hasCaptures))
    func `the summary of a recorded log gives the largest counts and says that they vary`() throws {
        let object = try json(try Oracle("csi/intel5300/log.all_csi.6.7.6.dat").capture().summary(packet: 28))
        #expect(object["format"] as? String == "intel5300" && object["packets"] as? Int == 29)
        #expect(object["receiveAntennas"] as? Int == 3 && object["transmitAntennas"] as? Int == 3)
        #expect(object["subcarriers"] as? Int == 30 && object["shapeVaries"] as? Bool == true)
        #expect(object["firstTime"] as? Double == 4e-6 && object["lastTime"] as? Double == 4e-6)
        let gains = try #require(object["gains"] as? [[Double]])
        let scaled = try #require(object["scaledGains"] as? [[Double]])
        #expect(gains.count == 270 && scaled.count == 270)
        #expect(gains[0] == [-26, -4] && gains[8 * 30] == [26, -14])
        #expect(abs(scaled[0][0] + 14.321971737578226) < 1e-9)
        #expect(object["packet"] as? Int == 28 && object["time"] as? Double == 4e-6)
    }

    @Test(.enabled(if: PrivateData.hasCaptures))
    func `packets of a capture of several cores are its frames`() throws {
        let capture = try Oracle("csi/nexmon/example_4358.pcap").capture()
        let object = try json(try capture.summary(packet: 2))
        #expect(object["packets"] as? Int == 4 && object["snapshots"] as? Int == 1)
        #expect(object["receiveAntennas"] as? Int == 2 && object["transmitAntennas"] as? Int == 2)
        #expect((object["gains"] as? [[Double]])?.count == 256 && object["shape"] as? [Int] == [1, 1, 256])
        #expect((object["gains"] as? [[Double]])?.first == [12, 0])
        #expect(object["firstTime"] as? Double == 1_507_213_439.296393)
        #expect(object["lastTime"] as? Double == 1_507_213_439.296512)
    }

    @Test func `members that are not known are null, and the packet's come only when asked for`() throws {
        let capture = try CaptureReader.decode(Array("a\n1\n2\n".utf8), name: "t")
        let object = try json(try capture.summary())
        #expect(
            object["firstTime"] is NSNull && object["lastTime"] is NSNull && object["truncation"] is NSNull)
        #expect(object["gains"] == nil && object["packet"] == nil && object["columns"] as? [String] == ["a"])
        let packet = try json(try capture.summary(packet: 1))
        #expect(packet["gains"] as? [[Double]] == [[2, 0]] && packet["scaledGains"] == nil)
        #expect(packet["time"] is NSNull && packet["sequence"] is NSNull)
    }

    @Test func `a summary comes back from its JSON`() throws {
        let trace = Samples.trace(count: 2, rx: 2, tones: Samples.intelTones)
        let capture = try CaptureReader.decode(try CaptureWriter.encode(trace, as: .intel5300), name: "t")
        let data = try JSONEncoder().encode(try capture.summary(packet: 1))
        let back = try JSONDecoder().decode(CaptureSummary.self, from: data)
        #expect(back.packet?.gains.count == 60 && back.packet?.fields["agc"] == .integer(30))
        #expect(back.packets == 2 && back.firstTime == 100 && back.firstSequence == 7)
    }

    @Test(arguments: [-1, 2, 1 << 40])
    func `a packet that isn't there is refused`(packet: Int) throws {
        let capture = try CaptureReader.decode(Array("a\n1\n2\n".utf8), name: "t")
        #expect(failure { _ = try capture.summary(packet: packet) }?.code == .usage)
    }
}
