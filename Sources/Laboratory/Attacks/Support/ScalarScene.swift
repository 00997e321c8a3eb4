// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore

/// Signal strengths of two ends and an eavesdropper over one Gaussian fading, whose every correlation is known.
struct ScalarScene: Sendable {
    /// The fading without noise, unit variance.
    private(set) var fading: [Double]
    private(set) var alice: [Double] = []
    private(set) var bob: [Double] = []
    /// A column for each of Eve's antennas.
    private(set) var eve: [[Double]] = []
    /// Noise variance at Alice and at Bob, the fading's being 1.
    let noise: Double
    private var generator: ExperimentGenerator

    /// - Parameters:
    ///   - snr: at either end, dB.
    ///   - memory: correlation of the fading from probe to probe (autoregressive of first order).
    init(count: Int, snr: Double = 25, memory: Double = 0, seed: UInt64) {
        generator = ExperimentGenerator(seed: seed)
        noise = pow(10, -snr / 10)
        fading = []
        var state = generator.normal()
        for _ in 0..<count {
            fading.append(state)
            state = memory * state + (1 - memory * memory).squareRoot() * generator.normal()
        }
        receive()
    }

    /// The ends hear the fading, each with noise of its own.
    private mutating func receive() {
        let level = noise.squareRoot()
        alice = fading.map { $0 + level * generator.normal() }
        bob = fading.map { $0 + level * generator.normal() }
    }

    /// Changes the channel itself before anybody hears it.
    mutating func shape(_ change: (Int, Double) -> Double) {
        fading = fading.indices.map { change($0, fading[$0]) }
        receive()
    }

    /// Eve hears the fading with correlation ρ in each of her antennas, whose noises are independent.
    mutating func listen(correlation rho: Double, antennas: Int = 1) {
        let rest = (1 - rho * rho).squareRoot()
        eve = (0..<antennas).map { _ in fading.map { rho * $0 + rest * generator.normal() } }
    }

    /// Eve has these columns, exactly.
    mutating func give(_ columns: [[Double]]) { eve = columns }

    /// A column of decibels as amplitudes, at unit spread: a monotone function that bends what trends and lines see.
    static func linear(_ column: [Double]) -> [Double] {
        let amplitudes = column.map { pow(10, 5 * $0 / 20) }
        let spread = (amplitudes.reduce(0) { $0 + $1 * $1 } / Double(max(amplitudes.count, 1))).squareRoot()
        return spread > 0 ? amplitudes.map { $0 / spread } : amplitudes
    }

    /// R² of Alice's value on all of Eve's antennas, from the law itself.
    func explained(correlation rho: Double, antennas: Int) -> Double {
        let m = Double(antennas)
        let ofFading = m * rho * rho / (1 - rho * rho + m * rho * rho)
        return ofFading / (1 + noise)
    }

    var aliceTrace: ChannelTrace { Self.trace([alice]) }
    var bobTrace: ChannelTrace { Self.trace([bob]) }
    var eveTrace: ChannelTrace? { eve.isEmpty ? nil : Self.trace(eve) }

    /// Decibels with a spread of 5 dB around −50, at 50 probes a second.
    static func trace(_ columns: [[Double]]) -> ChannelTrace {
        var trace = ChannelTrace(
            description: .init(
                format: "simulated", quantity: .decibels, nominalRate: 50, simulated: true,
                comment: "a Gaussian scene of the laboratory"))
        let shape = SnapshotShape(receiveAntennas: columns.count)
        for row in (columns.first ?? []).indices {
            trace.append(
                sequence: UInt64(row), time: Double(row) / 50, shape: shape,
                gains: columns.map { IQ(Float(-50 + 5 * $0[row]), 0) })
        }
        return trace
    }
}
