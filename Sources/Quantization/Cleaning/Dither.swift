// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Private uniform noise that fills the gaps between values that a receiver rounded, such as whole decibels.
///
/// Helper data is free only where the sample has a density: of a value that takes one in twelve numbers, 3 public
/// bits tell nearly all that it had, whatever the trend around it does to its look. The initiator spreads each of her
/// values over the half gaps to its neighbors before anything is computed from it, published or keyed, and keeps the
/// noise to herself; the responder does nothing. It costs the information that the rounding left in the fractions,
/// and nothing where no value repeats.
public enum Dither {
    /// A column is rounded where it has fewer than one distinct value in so many samples.
    static let repeats = 4

    /// Adds the noise to every rounded column.
    ///
    /// - Parameter features: the initiator's, all rows that are published or keyed.
    public static func apply(
        to features: inout FeatureMatrix, random: any RandomSource
    ) throws(QWaveError) {
        for column in 0..<features.columns {
            let levels = Array(Set((0..<features.rows).map { features[$0, column] })).sorted()
            guard levels.count > 1, levels.count * repeats <= features.rows else { continue }
            let places = Dictionary(uniqueKeysWithValues: zip(levels, levels.indices))
            let words = try random.bytes(4 * features.rows)
            for row in 0..<features.rows {
                let value = features[row, column]
                guard let place = places[value] else { continue }
                let below = place > 0 ? value - levels[place - 1] : levels[1] - levels[0]
                let above = place + 1 < levels.count ? levels[place + 1] - value : below
                let word = (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(words[4 * row + $1]) }
                let share = Float(word >> 8) / Float(1 << 24) - 0.5
                features.values[row * features.columns + column] =
                    value + share * (share < 0 ? below : above)
            }
        }
    }
}
