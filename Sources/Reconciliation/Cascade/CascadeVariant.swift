// SPDX-License-Identifier: GPL-3.0-or-later

extension Cascade {
    /// A choice of block sizes and of the way in which the search ends.
    ///
    /// The first three are QWave's own. The others are published ones, for comparison, named and sized as in
    /// cascade-cpp's documentation and arXiv:1407.3257, table 1. They differ from the publications in this:
    /// block sizes are the powers of two nearest to the published ones; the last block of a pass is inferred;
    /// parts of blocks are reused in all (published: in option 4, 7 and 8 only); a corrected bit has its effect
    /// in all passes and subsets; all odd blocks are searched in one message per level.
    public enum Variant: String, Sendable, CaseIterable {
        /// Little leak at a high speed.
        case balanced = "cascade"
        /// The least leak, for more messages.
        case littleLeak = "cascade-low-leak"
        /// Few messages, for 1 to 2 % more leak.
        case fewMessages = "cascade-few-rounds"
        /// k₁ = 0.73/e, each pass twice the last, 4 passes (Brassard and Salvail 1993).
        case original = "cascade-original"
        /// k₁ = 0.92/e, k₂ = 3k₁, then single random subsets and their complements until 10 in a row are even
        /// (Sugimoto and Yamazaki 2000).
        case biconf = "cascade-biconf"
        /// k₁ = 0.80/e, k₂ = 5k₁, then half the key, 10 passes (Yan et al. 2008).
        case yan = "cascade-yan"
        /// k₁ = 1/e, k₂ = 2k₁, then half the key, 16 passes.
        case option3 = "cascade-option3"
        /// As option 3, with parts of blocks reused; here the same.
        case option4 = "cascade-option4"
        /// k₁ the power of two from 1/e up, k₂ = 4k₁, then half the key, 14 passes.
        case option7 = "cascade-option7"
        /// α = log₂(1/e) − 1/2: k₁ = 2^⌈α⌉, k₂ = 2^⌈(α+12)/2⌉, k₃ = 4096, then half the key, 14 passes.
        case option8 = "cascade-option8"
    }
}
