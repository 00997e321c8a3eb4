// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Foundation

/// Option values that are numbers by commas, like `1e4,1e5` or `0.01,0.02`.
enum NumberList {
    static func numbers(_ text: String, option: String) throws -> [Double] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        return try parts.map { part in
            guard let value = Double(part.trimmingCharacters(in: .whitespaces)), value.isFinite else {
                throw ValidationError("\(option) takes numbers by commas; '\(part)' isn't one")
            }
            return value
        }
    }

    /// Whole numbers from 1; `1e5` is one.
    static func counts(_ text: String, option: String) throws -> [Int] {
        try numbers(text, option: option).map { value in
            guard value >= 1, value <= 1e9, value == value.rounded() else {
                throw ValidationError("\(option) takes whole numbers from 1 to 1e9, not \(value)")
            }
            return Int(value)
        }
    }

    /// Numbers from 0 to 0.5.
    static func rates(_ text: String, option: String) throws -> [Double] {
        try numbers(text, option: option).map { value in
            guard value >= 0, value <= 0.5 else {
                throw ValidationError("\(option) takes rates from 0 to 0.5, not \(value)")
            }
            return value
        }
    }
}
