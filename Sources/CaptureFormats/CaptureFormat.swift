// SPDX-License-Identifier: GPL-3.0-or-later

/// A recorded format that QWave reads and writes.
public enum CaptureFormat: String, Sendable, Codable, CaseIterable {
    /// QWave's own trace format (`Documentation/trace-format.md`).
    case trace = "qwt"
    /// The record log of the Linux 802.11n CSI Tool for the Intel 5300.
    case intel5300
    /// Lines of the ESP32 CSI tools.
    case esp32
    /// A pcap of the UDP frames that Nexmon's CSI extractor makes.
    case nexmon
    /// A table of numbers as text: one row a probe, columns by name.
    case table

    /// The customary end of a file's name, without the dot. Reading never depends on it.
    public var fileExtension: String {
        switch self {
        case .trace: "qwt"
        case .intel5300: "dat"
        case .esp32, .table: "csv"
        case .nexmon: "pcap"
        }
    }

    /// What a person calls the format.
    public var title: String {
        switch self {
        case .trace: "QWave trace"
        case .intel5300: "Intel 5300 CSI Tool log"
        case .esp32: "ESP32 CSI lines"
        case .nexmon: "Nexmon CSI pcap"
        case .table: "table of numbers"
        }
    }
}

/// How a capture is to be read.
public struct CaptureOptions: Sendable, Hashable {
    /// The value column of a table, or several joined by commas (each a receive antenna). Nil where the
    /// table has one value column only, and for every other format.
    public var column: String?
    /// Without `column`, take every value column of a table instead of asking for a choice. For looking at
    /// a file; a key is never made from columns nobody chose.
    public var allColumns: Bool
    /// Return the whole packets of a file that ends inside one, instead of throwing.
    /// ``Capture/truncation`` then says what was cut off.
    public var allowTruncated: Bool
    /// The format, where it is not to be found out from the content.
    public var format: CaptureFormat?
    /// The chip of a Nexmon capture whose frames carry an unknown chip number: `43455c0`, `4339`, `4358`
    /// or `4366c0`.
    public var nexmonChip: String?

    public init(
        column: String? = nil, allColumns: Bool = false, allowTruncated: Bool = false,
        format: CaptureFormat? = nil, nexmonChip: String? = nil
    ) {
        self.column = column
        self.allColumns = allColumns
        self.allowTruncated = allowTruncated
        self.format = format
        self.nexmonChip = nexmonChip
    }
}
