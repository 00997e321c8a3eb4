// SPDX-License-Identifier: GPL-3.0-or-later

/// An eavesdropper's recorded features as regressors: cleaned like everybody's, with leads and lags.
enum EveColumns {
    /// Her clock isn't the ends' clock: each column stands five times, moved by −2…2 rows.
    static func scalar(_ eve: FeatureMatrix?, trend: TrendRemoval, stride: Int) -> [[Double]] {
        guard let eve else { return [] }
        return (0..<eve.columns).flatMap { column -> [[Double]] in
            let cleaned = trend.apply(eve.column(column))
            return (-2...2).map { shift in
                kept(cleaned.count, stride).map { row in
                    let index = row + shift
                    return index >= 0 && index < cleaned.count ? cleaned[index] : 0
                }
            }
        }
    }

    private static func kept(_ count: Int, _ step: Int) -> [Int] {
        Array(Swift.stride(from: 0, to: count, by: step))
    }
}
