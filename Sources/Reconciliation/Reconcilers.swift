// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The engines by name, and the choice among them.
public enum Reconcilers {
    /// Every name that `named` knows, the default engines first.
    public static var names: [String] { engines.map(\.name) }

    static var engines: [any Reconciler] { [Cascade()] }

    /// One engine of each family, what a comparison of all runs.
    public static var standard: [any Reconciler] { [Cascade()] }

    /// Frame lengths at which an engine is usually compared, in bits.
    public static func usualFrames(_ engine: any Reconciler) -> [Int] { [10_000, 100_000, 1_000_000] }

    /// The engine of that name.
    ///
    /// Throws `.usage` with the names that there are.
    public static func named(_ name: String) throws(QWaveError) -> any Reconciler {
        guard let engine = engines.first(where: { $0.name == name }) else {
            throw QWaveError(
                .usage, "there is no reconciliation '\(name)'; choose among \(names.joined(separator: ", "))")
        }
        return engine
    }

    /// How `auto` chooses, for the help of commands.
    public static let explanation = "The reconciler auto is cascade."

    /// The engine for quantized channels, whose responder has log-likelihoods.
    public static var wireless: any Reconciler { Cascade() }

    /// What fits a key.
    public static func automatic(bits: Int, isSoft: Bool, errorRate: Double) -> any Reconciler { Cascade() }
}
