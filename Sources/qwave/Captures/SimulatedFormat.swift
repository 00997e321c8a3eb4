// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import CaptureFormats
internal import ChannelModels
internal import QWaveCore

/// The formats of `simulate`, by the names of its command line.
enum SimulatedFormat: String, CaseIterable, ExpressibleByArgument, Encodable {
    case qwt, intel, esp32, nexmon, csv

    var format: CaptureFormat {
        switch self {
        case .qwt: .trace
        case .intel: .intel5300
        case .esp32: .esp32
        case .nexmon: .nexmon
        case .csv: .table
        }
    }

    /// The tones to simulate where the format has a grid of its own; nil for the bandwidth's.
    func toneIndices(_ bandwidth: Bandwidth) throws(QWaveError) -> [Int]? {
        switch self {
        case .qwt, .nexmon, .csv: return nil
        case .intel:
            guard bandwidth == .mhz20 || bandwidth == .mhz40 else {
                throw QWaveError(
                    .usage,
                    "an Intel 5300 records 20 or 40 MHz, not \(bandwidth.title); write another format")
            }
            return IntelRecord.toneIndices(wide: bandwidth == .mhz40)
        case .esp32:
            guard bandwidth == .mhz20 else {
                throw QWaveError(
                    .usage, "an ESP32's lines hold 20 MHz, not \(bandwidth.title); write another format")
            }
            return nil
        }
    }

    /// A trace as the files that hold it, by the endings of their names: one, but for a format that has no room
    /// for Eve's two receptions.
    func files(of trace: ChannelTrace) -> [(suffix: String, trace: ChannelTrace)] {
        switch self {
        case .qwt, .intel, .nexmon: [("", trace)]
        case .csv: [("", trace.asRSSI())]
        case .esp32: Self.separated(trace)
        }
    }

    /// One trace a pair of antennas.
    private static func separated(_ trace: ChannelTrace) -> [(suffix: String, trace: ChannelTrace)] {
        let shape = trace.isEmpty ? SnapshotShape(subcarriers: 0) : trace.shape(at: 0)
        let antennas = shape.receiveAntennas * shape.transmitAntennas
        guard antennas > 1 else { return [("", trace)] }
        return (0..<antennas).map { antenna in
            var part = ChannelTrace(description: trace.description)
            for index in 0..<trace.count {
                let subcarriers = trace.shape(at: index).subcarriers
                part.append(
                    sequence: trace.sequence(at: index), time: trace.time(at: index),
                    shape: SnapshotShape(subcarriers: subcarriers),
                    gains: trace.gains(at: index).dropFirst(antenna * subcarriers).prefix(subcarriers))
            }
            let receiver = shape.receiveAntennas > 1 ? "-\(antenna / 2)" : ""
            return ((antenna % 2 == 0 ? "-of-alice" : "-of-bob") + receiver, part)
        }
    }
}
