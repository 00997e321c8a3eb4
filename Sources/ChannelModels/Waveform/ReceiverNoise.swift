// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The noise of one end's receiver: white, circular Gaussian, a function of seed and sample number alone.
///
/// So a window holds the same noise however the stretch around it is cut into windows.
public struct ReceiverNoise: Sendable {
    private let stream: SubStream
    private let amplitude: Double

    /// - Parameter power: mean power of a sample.
    public init(_ parameters: SimulationParameters, end: SimulatedEnd, power: Double) {
        stream = SubStream(seed: parameters.seed(end), .noise, index: end.index)
        amplitude = power.squareRoot()
    }

    /// Noise of the samples from number `first` on.
    public func samples(from first: Int, count: Int) -> [IQ] {
        (0..<max(0, count)).map { (stream.complexGaussian(first &+ $0) * amplitude).iq }
    }
}

/// Which bursts an end misses whole: independent losses, or bursts of them, drawn in the order of arrival.
public struct BurstLoss: Sendable {
    private let process: LossProcess
    private var count = 0
    private var losing = false

    public init(_ parameters: SimulationParameters, end: SimulatedEnd) {
        process = LossProcess(
            parameters.impairments, SubStream(seed: parameters.seed(end), .loss, index: end.index))
    }

    /// Whether the next burst is lost.
    public mutating func next() -> Bool {
        losing = process.isLost(count, after: losing)
        count += 1
        return losing
    }
}
