// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Finds an LTE cell in a stream of samples and estimates the channel from its reference signals, one subframe
/// after another, in little memory.
///
/// ```swift
/// var receiver = try LTEReceiver(sampleRate: 1.92e6)
/// while let samples = try reader.next() { subframes += try receiver.receive(samples) }
/// subframes += try receiver.finish()
/// ```
///
/// The cell is looked for in the first 200 ms, and anew when its signal has been gone for as long. Its timing and
/// carrier are followed, so gains stay comparable over hours.
public struct LTEReceiver: Sendable {
    public let sampleRate: Double
    /// Resource blocks around the carrier that are read.
    public let blocks: Int
    /// The cell that is looked for; nil takes the one whose secondary signal stands out farthest.
    public let wanted: Int?
    /// What is known of the cell, once it was found; counts and places are those of 1.92 MHz.
    public private(set) var detection: LTEDetection?
    /// Samples that were not read to their end, the first at index `base` of the stream.
    private var buffer: [IQ] = []
    private var base = 0
    private var tracking: LTETracking?
    private let fftLength: Int

    /// Subframes in a row without reference signals after which the cell is looked for anew.
    private static let patience = 200
    /// Subframes from which the ports are told.
    private static let trial = 150

    /// - Parameters:
    ///   - sampleRate: 1.92, 3.84, 7.68, 15.36, 23.04 or 30.72 MHz.
    ///   - blocks: resource blocks to read; nil takes all that the rate's channel has.
    /// - Throws: `.usage` for another rate, more blocks than it holds, or an identity that can't be.
    public init(sampleRate: Double, blocks: Int? = nil, identity: Int? = nil) throws(QWaveError) {
        guard
            let index = LTEGrid.fftLengths.firstIndex(where: { LTEGrid.spacing * Double($0) == sampleRate })
        else {
            throw QWaveError(
                .usage,
                "\(sampleRate) samples/s are no rate of LTE; resample to 1.92e6, 3.84e6, 7.68e6, 15.36e6, 23.04e6 or 30.72e6"
            )
        }
        let most = LTEGrid.blocks[index]
        guard (6...most).contains(blocks ?? most) else {
            throw QWaveError(.usage, "\(blocks ?? 0) blocks can't be read at this rate; give 6 to \(most)")
        }
        guard (0...503).contains(identity ?? 0) else {
            throw QWaveError(.usage, "a cell identity is 0 to 503, not \(identity ?? 0)")
        }
        self.sampleRate = sampleRate
        self.blocks = blocks ?? most
        wanted = identity
        fftLength = LTEGrid.fftLengths[index]
    }

    /// The cell, with the ports that were found.
    public var cell: LTECell? { tracking?.estimator.cell }
    /// Tone indices of the gains, ascending, in units of 15 kHz; every third one, without those on which the
    /// receiver's own carrier lies. Empty before a cell was found.
    public var tones: [Int] { tracking?.estimator.tones ?? [] }

    /// The subframes that are complete now.
    public mutating func receive(_ samples: [IQ]) throws(QWaveError) -> [LTESubframe] {
        buffer += samples
        return try read(isLast: false)
    }

    /// The subframes in what is left. The receiver is used up.
    public mutating func finish() throws(QWaveError) -> [LTESubframe] { try read(isLast: true) }

    private mutating func read(isLast: Bool) throws(QWaveError) -> [LTESubframe] {
        var subframes: [LTESubframe] = []
        while true {
            if tracking == nil {
                let ratio = fftLength / LTEPrimarySignal.fftLength
                let enough = buffer.count >= LTESearch.most * ratio + fftLength
                guard enough || (isLast && buffer.count >= LTESearch.least * ratio + fftLength) else { break }
                try acquire()
                guard tracking != nil else {
                    drop(enough ? LTESearch.most * ratio : buffer.count)
                    continue
                }
            }
            guard var current = tracking else { break }
            let index = current.index
            let start = Int(current.next.rounded(.down))
            let offset = current.carrierOffset(sampleRate)
            let result = current.advance(buffer.span, base: base)
            tracking = current.missing > Self.patience ? nil : current
            guard let result else { break }
            subframes.append(
                LTESubframe(
                    index: index, start: start, time: Double(start) / sampleRate, carrierOffset: offset,
                    gains: result.gains, noiseVariance: result.noiseVariance, coherence: result.coherence))
            // Not sample by sample from the front: that would cost a copy of the buffer each time.
            let used = Int(current.next.rounded(.down)) - base
            if used > 1 << 20 || used > buffer.count / 2 { drop(used - 1) }
        }
        if let next = tracking?.next { drop(max(0, Int(next.rounded(.down)) - base - 1)) }
        return subframes
    }

    private mutating func drop(_ count: Int) {
        buffer.removeFirst(min(max(0, count), buffer.count))
        base += max(0, count)
    }

    /// Looks for the cell in the buffer and tells its ports.
    private mutating func acquire() throws(QWaveError) {
        let ratio = fftLength / LTEPrimarySignal.fftLength
        let narrow = Decimation.decimated(buffer, by: ratio, most: LTESearch.most)
        let mean = narrow.reduce(IQ.zero, +) * (1 / Float(max(1, narrow.count)))
        let found = try LTESearch().cells(narrow)
        guard let best = found.first(where: { wanted == nil || $0.cell.identity == wanted }) else { return }
        let both = try LTECell(
            identity: best.cell.identity, cyclicPrefix: best.cell.cyclicPrefix, duplex: best.cell.duplex,
            ports: 2)
        var trial = tracking(of: both, best, mean)
        var powers: [Double] = []
        while powers.count < Self.trial, let result = trial.advance(buffer.span, base: base) {
            // The loops settle first.
            if trial.index > 10 { powers.append(result.powers[1]) }
        }
        let count = Double(max(2, powers.count))
        let average = powers.reduce(0, +) / count
        let variance = powers.reduce(0) { $0 + ($1 - average) * ($1 - average) } / (count - 1)
        // Noise alone has mean 0; six standard errors aren't by chance.
        let hasSecond = average > 6 * (variance / count).squareRoot()
        tracking = tracking(of: hasSecond ? both : best.cell, best, mean)
        detection = best
    }

    private func tracking(of cell: LTECell, _ detection: LTEDetection, _ constant: IQ) -> LTETracking {
        let ratio = Double(fftLength / LTEPrimarySignal.fftLength)
        let grid = LTEGrid(fftLength: fftLength, prefix: cell.cyclicPrefix)
        // The first frame that starts behind the buffer's first sample.
        var start = detection.frameStart
        while start < 1 { start += detection.framePeriod }
        // The receiver's own carrier leaks onto the tones beside it.
        let leaving = Set(
            LTEReferenceSignal.tones(cell: cell, blocks: blocks).filter {
                abs(Double($0) * LTEGrid.spacing + detection.carrierOffset) < 0.75 * LTEGrid.spacing
            })
        return LTETracking(
            estimator: LTESubframeEstimator(cell: cell, grid: grid, blocks: blocks, leaving: leaving),
            start: Double(base) + start * ratio, period: detection.framePeriod * ratio / 10,
            step: 2 * .pi * detection.carrierOffset / sampleRate, constant: constant)
    }
}
