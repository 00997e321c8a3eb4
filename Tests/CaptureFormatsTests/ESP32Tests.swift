// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import QWaveCore
import TestSupport
import Testing

@Suite struct ESP32Tests {
    @Test(.enabled(if: PrivateData.hasCaptures))
    func `recorded lines give the values of the file with the imaginary part first`() throws {
        let oracle = try Oracle("csi/esp32/example_data.csv")
        let capture = try oracle.capture()
        #expect(capture.format == .esp32)
        #expect(capture.packetCount == oracle.int("packets"))
        #expect(try capture.summary().shapes.map(\.subcarriers) == [64])
        for sample in try oracle.samples("raw_samples") {
            let gain = Array(capture.gains(ofPacket: sample.packet))[sample.subcarrier]
            // The oracle lists the pair in the order of the file.
            #expect(Double(gain.im) == sample.value.0 && Double(gain.re) == sample.value.1, "\(sample)")
        }
        let head = oracle.ints("first_packet_int8_head")
        #expect(capture.gains(ofPacket: 0).prefix(20).flatMap { [Int($0.im), Int($0.re)] } == head)
        guard case .esp32(let records) = capture.details else { return }
        #expect(records[0].rssi == -77 && records[0].noiseFloor == -97 && records[0].declaredLength == 384)
        #expect(records[0].address == "D0:6E:DE:27:6B:63")
        #expect(capture.trace.time(at: 0) == 2.504852)
        #expect(capture.trace.description.carrierFrequency == 2.437e9)
    }

    private let header = "type,role,mac,rssi,local_timestamp,real_timestamp,len,CSI_DATA\n"

    @Test func `other lines, CRLF and repeated headers are passed over`() throws {
        let text =
            "ets Jun  8 2016 00:22:57\r\n" + header
            + "CSI_DATA,AP,aa,-40,5,1.2,4,[1 2 3 4 ]\r\n\r\nW (12) wifi: late\r\n"
            + header + "CSI_DATA,AP,aa,-41,6,1.3,4,[-128 127]"
        let capture = try CaptureReader.decode(Array(text.utf8), name: "serial")
        #expect(capture.packetCount == 2 && capture.skipped == 2)
        #expect(capture.trace.gains == [IQ(2, 1), IQ(4, 3), IQ(127, -128)])
        #expect(capture.trace.time(at: 1) == 6e-6)
    }

    @Test func `the other tool's quoted arrays with commas are read, with its numbers`() throws {
        let text =
            "type,seq,mac,rssi,local_timestamp,len,first_word,data\nCSI_DATA,77,aa,-40,5,4,0,\"[1,2,3,4]\"\n"
        let capture = try CaptureReader.decode(Array(text.utf8), name: "espressif")
        #expect(capture.trace.gains == [IQ(2, 1), IQ(4, 3)])
        #expect(capture.trace.sequence(at: 0) == 77)
    }

    @Test func `the host's time has microseconds without leading zeros`() throws {
        let text = "type,real_timestamp,CSI_DATA\nCSI_DATA,15.92838,[1 2]\n"
        #expect(try CaptureReader.decode(Array(text.utf8), name: "host").trace.time(at: 0) == 15.092838)
    }

    @Test(
        arguments: [
            "CSI_DATA,AP,aa,-40,5,1.2,4,[1 2 3]", "CSI_DATA,AP,aa,-40,5,1.2,4,[1 200]",
            "CSI_DATA,AP,aa,-40,5,1.2,4,[]",
            "CSI_DATA,AP,aa,-40,5,1.2,4,[1 nan]", "CSI_DATA,AP,aa,-40,5,1.2,4,1 2",
            "CSI_DATA,AP,-40,5,1.2,4,[1 2]",
            "CSI_DATA,AP,aa,x,5,1.2,4,[1 2]", "CSI_DATA,AP,aa,-40,5,1.2,4,[1 99999999999999999999]",
            "CSI_DATA",
        ])
    func `a damaged line is an error that names it`(line: String) {
        let text = header + "CSI_DATA,AP,aa,-40,5,1.2,4,[1 2]\n" + line + "\n"
        let error = failure { _ = try CaptureReader.decode(Array(text.utf8), name: "damaged.csv") }
        #expect(error?.code == .badInput)
        #expect(error?.message.hasPrefix("damaged.csv: line 3: ") == true, "\(String(describing: error))")
    }
}
