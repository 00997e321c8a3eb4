// SPDX-License-Identifier: GPL-3.0-or-later

/// True where two numbers agree to a relative tolerance.
func close(_ a: Double, _ b: Double, _ tolerance: Double = 1e-13) -> Bool {
    abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-300)
}
