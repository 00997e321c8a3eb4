// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// How many resource blocks a sounding reference signal covers, by the numbers that a network's configuration has
/// (3GPP TS 38.211, table 6.4.1.4.3-1).
public enum NRSoundingBandwidth {
    /// m_SRS,b of a bandwidth configuration C_SRS at level B_SRS.
    ///
    /// - Throws: `.usage` for a configuration outside 0 to 63, or a level outside 0 to 3.
    public static func blocks(configuration: Int, level: Int = 0) throws(QWaveError) -> Int {
        guard table.indices.contains(configuration), (0...3).contains(level) else {
            throw QWaveError(
                .usage,
                "no bandwidth configuration of a sounding signal is \(configuration), level \(level); C_SRS is 0 to 63, B_SRS 0 to 3"
            )
        }
        return table[configuration][level]
    }

    /// m_SRS,0 to m_SRS,3; N_b, by which the standard divides them, is the ratio of neighbors.
    static let table: [[Int]] = [
        [4, 4, 4, 4], [8, 4, 4, 4], [12, 4, 4, 4], [16, 4, 4, 4],
        [16, 8, 4, 4], [20, 4, 4, 4], [24, 4, 4, 4], [24, 12, 4, 4],
        [28, 4, 4, 4], [32, 16, 8, 4], [36, 12, 4, 4], [40, 20, 4, 4],
        [48, 16, 8, 4], [48, 24, 12, 4], [52, 4, 4, 4], [56, 28, 4, 4],
        [60, 20, 4, 4], [64, 32, 16, 4], [72, 24, 12, 4], [72, 36, 12, 4],
        [76, 4, 4, 4], [80, 40, 20, 4], [88, 44, 4, 4], [96, 32, 16, 4],
        [96, 48, 24, 4], [104, 52, 4, 4], [112, 56, 28, 4], [120, 60, 20, 4],
        [120, 40, 8, 4], [120, 24, 12, 4], [128, 64, 32, 4], [128, 64, 16, 4],
        [128, 16, 8, 4], [132, 44, 4, 4], [136, 68, 4, 4], [144, 72, 36, 4],
        [144, 48, 24, 12], [144, 48, 16, 4], [144, 16, 8, 4], [152, 76, 4, 4],
        [160, 80, 40, 4], [160, 80, 20, 4], [160, 32, 16, 4], [168, 84, 28, 4],
        [176, 88, 44, 4], [184, 92, 4, 4], [192, 96, 48, 4], [192, 96, 24, 4],
        [192, 64, 16, 4], [192, 24, 8, 4], [208, 104, 52, 4], [216, 108, 36, 4],
        [224, 112, 56, 4], [240, 120, 60, 4], [240, 80, 20, 4], [240, 48, 16, 8],
        [240, 24, 12, 4], [256, 128, 64, 4], [256, 128, 32, 4], [256, 16, 8, 4],
        [264, 132, 44, 4], [272, 136, 68, 4], [272, 68, 4, 4], [272, 16, 8, 4],
    ]
}
