// SPDX-License-Identifier: GPL-3.0-or-later

/// What a certificate's components were made of, as their names tell: it decides which tests and leaks a key has.
enum KeyedFeature {
    /// One recorded value: classes of its segments, all of one source.
    case recorded
    /// Blocks of gains, synchronized; each component a source of its own.
    case synchronized
    /// Gains, or functions of them; each component a source of its own.
    case gains

    init(_ components: [LengthTerms.Component]) {
        func all(_ prefix: String) -> Bool {
            !components.isEmpty && components.allSatisfy { $0.name.hasPrefix(prefix) }
        }
        self = all("class ") ? .recorded : all("synchronized ") ? .synchronized : .gains
    }
}
