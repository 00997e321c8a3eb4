// SPDX-License-Identifier: GPL-3.0-or-later

/// An attack that QWave must survive, with its pass criterion and a build that must not survive it.
///
/// The criterion stands in the checks that `run` records, and it is the same for both builds: a suite that lets
/// the broken build pass is broken itself.
public protocol Attack: Sendable {
    /// What selects it on a command line.
    var name: String { get }
    /// The rows of Documentation/attacks.md that it covers, 1 to 23; empty for what has none.
    var rows: [Int] { get }
    /// What the attacker does, in words.
    var models: String { get }
    /// When the attack has failed.
    var criterion: String { get }
    /// How the known-bad build differs from the product.
    var control: String { get }

    /// Attacks a build; a check for everything that must hold.
    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence
}

/// Who is attacked.
public enum AttackedBuild: String, Sendable, CaseIterable {
    /// The stages as everybody uses them.
    case product
    /// The same with a planted fault: a term left out of the length, a test not looked at, a stage composed
    /// without its guard. The faults live in the laboratory; the product has no switch for them.
    case broken
}
