// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Synchronization

/// What an assessed min-entropy is worth in a key length.
public enum EntropyRule: String, Sendable, Hashable, Codable, CaseIterable {
    /// h90B = M · min(1, assessed/control): what is assessed as a uniform source is takes nothing off.
    case ratio
    /// h90B = min(M, assessed): the estimators' own shortfall at finite length is charged too.
    case strict
}

extension KeyLengthInputs.Assessment {
    /// Assesses commissioning symbols of one component, and a uniform control of equal length and width beside them.
    ///
    /// Pool the symbols of one radio, environment and configuration until there are
    /// `Entropy90B.recommendedSymbols`: an assessment of fewer doesn't count in a key length. It takes about twice the
    /// time of one assessment, and half of that where the same control was assessed before.
    ///
    /// - Parameter progress: gets the done fraction, 0 to 1.
    /// - Throws: `.badInput` where there are too few symbols to assess.
    public init(
        commissioning series: SymbolSeries, progress: (Double) -> Void = { _ in }
    ) throws(QWaveError) {
        let assessed = try NonIIDAssessment(series) { progress(0.5 * $0) }
        let control = try Self.control(count: series.count, bits: series.bits) { progress(0.5 + 0.5 * $0) }
        self.init(assessed: assessed.minEntropy, control: control, symbols: series.count)
    }

    private struct Shape: Hashable {
        var count: Int
        var bits: Int
    }

    private static let controls = Mutex<[Shape: Double]>([:])

    /// What the control of a shape is assessed at: the same for everybody, so it is remembered.
    private static func control(
        count: Int, bits: Int, progress: (Double) -> Void
    ) throws(QWaveError) -> Double {
        let shape = Shape(count: count, bits: bits)
        if let known = controls.withLock({ $0[shape] }) { return known }
        let value = try NonIIDAssessment(
            UniformControl.series(count: count, bits: bits), progress: progress
        ).minEntropy
        controls.withLock { $0[shape] = value }
        return value
    }

    /// h90B of symbols of `bits` bits, and 0 where that makes no sense. A gate for symbols that are easily guessed, not
    /// a bound of what an eavesdropper doesn't know.
    public func gated(bits: Int, rule: EntropyRule = .ratio) -> Double {
        guard assessed.isFinite, assessed >= 0, control.isFinite, control > 0 else { return 0 }
        switch rule {
        case .ratio: return Double(bits) * min(1, assessed / control)
        case .strict: return min(Double(bits), assessed)
        }
    }
}
