// SPDX-License-Identifier: GPL-3.0-or-later
internal import CaptureFormats
internal import Quantization

/// What `inspect` shows: the room's summary, as its JSON object or as lines.
struct Inspection: CommandResult {
    var summary: CaptureSummary
    var name: String
    var motion: MotionMeter?

    private enum CodingKeys: CodingKey { case motion }

    func encode(to encoder: any Encoder) throws {
        try summary.encode(to: encoder)
        guard let motion else { return }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(motion, forKey: .motion)
    }

    var text: String {
        let title = CaptureFormat(rawValue: summary.format)?.title ?? summary.format
        var lines = ["\(name): \(title)" + (summary.simulated ? ", simulated" : "")]
        func add(_ label: String, _ value: String?) {
            if let value, !value.isEmpty { lines.append("  \(label.padding(toLength: 12))\(value)") }
        }
        add("comment", summary.comment)
        add(
            "packets",
            "\(summary.packets)"
                + (summary.snapshots != summary.packets ? " in \(summary.snapshots) snapshots" : "")
                + (summary.skipped > 0 ? ", \(summary.skipped) records without gains passed over" : ""))
        for shape in summary.shapes {
            let antennas = "\(shape.receiveAntennas) x \(shape.transmitAntennas) antennas"
            add(
                "shape",
                "\(antennas) (receive x transmit), \(shape.subcarriers) subcarriers"
                    + (summary.shapeVaries ? ", \(shape.snapshots) of them" : ""))
        }
        add("quantity", summary.quantity)
        add("time", range(summary.firstTime, summary.lastTime).map { "\($0) s" })
        add(
            "sequence",
            range(summary.firstSequence, summary.lastSequence).map { text in
                text + (summary.sequenceSource.map { " (\($0))" } ?? "")
            })
        add("carrier", summary.carrierFrequency.map { "\($0 / 1e6) MHz" })
        add("spacing", summary.subcarrierSpacing.map { "\($0 / 1e3) kHz" })
        add("columns", summary.columns.joined(separator: ", "))
        add("cut off", summary.truncation)
        if let motion {
            let percent = (motion.depth * 1000).rounded() / 10
            add("motion", "\(motion.verdict.rawValue): power varies by \(percent) %. \(motion.prompt)")
        }
        if let packet = summary.packet { lines += Self.lines(of: packet) }
        return lines.joined(separator: "\n")
    }

    private static func lines(of packet: PacketSummary) -> [String] {
        var lines = ["packet \(packet.packet)" + (packet.time.map { " at \($0) s" } ?? "")]
        for (key, value) in packet.fields.sorted(by: { $0.key < $1.key }) {
            let text =
                switch value {
                case .integer(let number): "\(number)"
                case .integers(let numbers): numbers.map { "\($0)" }.joined(separator: " ")
                case .text(let text): text
                }
            lines.append("  \(key.padding(toLength: 24))\(text)")
        }
        lines.append("  receive transmit subcarrier re im")
        let (transmit, subcarriers) = (packet.shape[1], packet.shape[2])
        for (index, gain) in packet.gains.enumerated() where gain.count == 2 {
            let pair = index / max(subcarriers, 1)
            lines.append(
                "  \(pair / max(transmit, 1)) \(pair % max(transmit, 1)) \(index % max(subcarriers, 1)) "
                    + "\(gain[0]) \(gain[1])")
        }
        return lines
    }

    private func range<Value>(_ first: Value?, _ last: Value?) -> String? {
        guard let first, let last else { return nil }
        return "\(first) to \(last)"
    }
}
