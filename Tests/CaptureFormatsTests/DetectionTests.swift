// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import Foundation
import QWaveCore
import TestSupport
import Testing

@Suite struct DetectionTests {
    /// What must become of every recorded capture: the format, or nil and a word of the refusal.
    static let corpus: [(path: String, format: CaptureFormat?, word: String)] = [
        ("csi/intel5300/example.dat", .intel5300, ""),
        ("csi/intel5300/log.all_csi.6.7.6.dat", .intel5300, ""),
        ("csi/intel5300/los_100.dat", .intel5300, ""), ("csi/esp32/example_data.csv", .esp32, ""),
        ("csi/nexmon/example_43455c0.pcap", .nexmon, ""), ("csi/nexmon/example_4358.pcap", .nexmon, ""),
        ("reciprocal/intel-data/alice.dat", .intel5300, ""),
        ("reciprocal/skyglow-mobile/pair.csv", .table, ""),
        ("reciprocal/skyglow-mobile/eve.csv", .table, ""), ("reciprocal/rfm12b-static/pair.csv", .table, ""),
        ("reciprocal/lora-sx126x-indoor/alice.csv", .table, ""),
        ("reciprocal/intel-data/pair.csv", .table, ""),
        ("csi/nexmon/experiment2c_outside.pcap", nil, "2018"), ("csi/atheros/ath_csi_1.dat", nil, "Atheros"),
        ("csi/beamforming/11ac_SU_3x1_40.pcapng", nil, "pcapng"),
        ("csi/beamforming/V_ac_su_3x1_40.npy", nil, "NumPy"),
        ("csi/feitcsi/HESU80_5500.csi", nil, "FeitCSI"), ("csi/feitcsi/HT20_2452.csi", nil, "FeitCSI"),
        ("csi/picoscenes/rx_by_qca9300.csi", nil, "PicoScenes"),
        ("csi/picoscenes/rx_by_usrpN210.csi", nil, "PicoScenes"),
        ("reciprocal/skyglow-mobile/alice_bob.mat", nil, "MATLAB"),
        ("reciprocal/rfm12b-static/alice.txt", nil, "line 1"),
        ("reciprocal/lora-sx126x-indoor/alice_bits.txt", nil, "line 1"),
        ("iq/lte/f1860_s1.92_g0_1s_strong.bin", nil, "no known"),
        ("iq/openofdm/conducted_dot11a_06mbps.dat", nil, "no known"),
        ("iq/openofdm/conducted_dot11n_7.2mbps.pcap", nil, "link type"),
    ]

    @Test(.enabled(if: PrivateData.hasCaptures), arguments: corpus.indices)
    func `each recorded capture is read as what it is or refused with the reason`(index: Int) throws {
        let (path, format, word) = Self.corpus[index]
        let bytes = try Oracle.bytes(path)
        if let format {
            let capture = try CaptureReader.decode(
                bytes, name: path, options: CaptureOptions(allColumns: true))
            #expect(capture.format == format && capture.packetCount > 0)
        } else {
            let error = failure {
                _ = try CaptureReader.decode(bytes, name: path, options: CaptureOptions(allColumns: true))
            }
            #expect(error?.code == .badInput)
            #expect(error?.message.contains(word) == true, "\(String(describing: error))")
            #expect(error?.message.hasPrefix(path) == true)
        }
    }

    @Test func `each written file is recognized by its content`() throws {
        for (format, bytes) in try Samples.files() {
            #expect(try CaptureFormat.detect(bytes, name: "unnamed") == format)
        }
    }

    @Test func `a column of a format without columns is refused`() throws {
        let bytes = try CaptureWriter.encode(Samples.trace(count: 1, tones: [1]), as: .trace)
        let error = failure {
            _ = try CaptureReader.decode(bytes, name: "t", options: CaptureOptions(column: "a"))
        }
        #expect(error?.code == .usage)
    }

    @Test func `an argument names a file and a column, unless a file has the whole name`() throws {
        #expect(
            CaptureArgument(parsing: "pair.csv:alice_dbm")
                == CaptureArgument(path: "pair.csv", column: "alice_dbm"))
        #expect(CaptureArgument(parsing: "e.csv:a,b") == CaptureArgument(path: "e.csv", column: "a,b"))
        #expect(CaptureArgument(parsing: "dir:x/pair.csv") == CaptureArgument(path: "dir:x/pair.csv"))
        #expect(CaptureArgument(parsing: "-") == CaptureArgument(path: "-"))
        #expect(CaptureArgument(parsing: "-:a") == CaptureArgument(path: "-", column: "a"))
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("qwave-\(UUID()):x").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("a\n1\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(CaptureArgument(parsing: path) == CaptureArgument(path: path))
        #expect(CaptureArgument(parsing: path + ":a") == CaptureArgument(path: path, column: "a"))
    }
}
