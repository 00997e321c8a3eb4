// SPDX-License-Identifier: GPL-3.0-or-later

/// The length-31 Gold sequence that scrambles LTE and NR (3GPP TS 36.211, 7.2; TS 38.211, 5.2.1).
///
/// c(n) = x₁(n + 1600) ⊕ x₂(n + 1600), with x₁(n + 31) = x₁(n + 3) ⊕ x₁(n) from 1, 0, 0, … and
/// x₂(n + 31) = x₂(n + 3) ⊕ x₂(n + 2) ⊕ x₂(n + 1) ⊕ x₂(n) from the bits of the seed, least significant first.
enum GoldSequence {
    /// c(0) … c(count − 1), each 0 or 1.
    static func bits(seed: UInt32, count: Int) -> [UInt8] {
        // Bit i of a register is x(n + i).
        var (first, second) = (1 as UInt32, seed & 0x7FFF_FFFF)
        func advance() {
            first = first >> 1 | ((first >> 3 ^ first) & 1) << 30
            second = second >> 1 | ((second >> 3 ^ second >> 2 ^ second >> 1 ^ second) & 1) << 30
        }
        for _ in 0..<1600 { advance() }
        return (0..<count).map { _ in
            let bit = UInt8((first ^ second) & 1)
            advance()
            return bit
        }
    }
}
