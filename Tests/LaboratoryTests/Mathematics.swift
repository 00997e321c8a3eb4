// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

func binaryLogarithm(_ x: Double) -> Double { log2(x) }
func exponential(_ x: Double) -> Double { exp(x) }
