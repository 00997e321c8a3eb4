// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Writer of ESP32 CSI lines, with the header of Espressif's tool, which has a sequence number.
public enum ESP32Writer {
    private static let header =
        "type,seq,mac,rssi,rate,sig_mode,mcs,bandwidth,smoothing,not_sounding,aggregation,stbc,fec_coding,sgi,"
        + "noise_floor,ampdu_cnt,channel,secondary_channel,local_timestamp,ant,sig_len,rx_state,len,first_word,data\n"

    /// The lines of a trace of one antenna pair with tones from -32 to 31; tones that the trace doesn't have
    /// are zero, as the chip writes them.
    /// - Parameter scale: see ``CaptureWriter/Options/scale``.
    public static func encode(_ trace: ChannelTrace, scale: Double? = nil) throws(QWaveError) -> [UInt8] {
        let grid = try IntegerGrid(
            trace, format: .esp32, tones: ESP32Record.toneIndices, fullScale: 127, scale: scale,
            allowsGaps: true)
        let channel = WiFiChannel.number(trace.description.carrierFrequency) ?? 6
        var out = Array(header.utf8)
        for index in 0..<trace.count {
            let shape = trace.shape(at: index)
            guard shape.receiveAntennas == 1, shape.transmitAntennas == 1 else {
                throw QWaveError(
                    .usage,
                    "snapshot \(index) has \(shape.receiveAntennas) x \(shape.transmitAntennas) antennas; "
                        + "an ESP32 has one. Write another format, or simulate one antenna at each end")
            }
            let numbers = grid.numbers(trace.gains(at: index), pair: 0, subcarriers: shape.subcarriers)
            let sequence = trace.sequence(at: index).map { String($0) } ?? ""
            let micros = UInt32(truncatingIfNeeded: microseconds(trace, index))
            let values = numbers.map { "\($0.im),\($0.re)" }.joined(separator: ",")
            out += Array(
                ("CSI_DATA,\(sequence),02:00:00:00:00:00,-50,11,1,0,0,1,1,0,0,0,0,-92,0,\(channel),0,\(micros),0,0,0,"
                    + "\(2 * numbers.count),0,\"[\(values)]\"\n").utf8)
        }
        return out
    }
}
