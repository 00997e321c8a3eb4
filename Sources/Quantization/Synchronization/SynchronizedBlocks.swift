// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore

/// One end's blocks after synchronization: the coefficients of the initiator's modes, as far as this end sees them.
///
/// Each block is a function of its own snapshots alone. Its common phase is nobody's: the initiator publishes a few
/// coefficients of each block, turned so that the first is real, and turns the whole block so; the responder turns his
/// to agree with them. Whether a block locked is published by both and costs a bit each.
public struct SynchronizedBlocks: Sendable {
    /// Rows of each block.
    public let rows: [Range<Int>]
    /// True where the block looks like the commissioned channel.
    public internal(set) var isLocked: [Bool]
    let plan: SynchronizedPlan
    let role: Party.Role
    /// Eigenvalue of each bin.
    let gains: [Double]
    private let transform: TimeTransform
    /// The responder's blocks before they are aligned.
    private var seen: [DriftingBlock] = []
    /// Coefficients by block, mode and bin.
    var real: [[Double]]
    var imaginary: [[Double]]

    /// - Parameters:
    ///   - published: canonical gains of all pairs.
    ///   - length: snapshots in a block.
    public init(
        published: FeatureMatrix, plan: SynchronizedPlan, length: Int, rows: [Range<Int>], role: Party.Role
    ) throws(QWaveError) {
        let model = role == .initiator ? plan.initiator : plan.responder
        guard let transform = TimeTransform(plan.law, length: length, bins: plan.bins) else {
            throw QWaveError(.refused, "the Doppler law gives no transform over time")
        }
        let (synchronize, gains) = model.synchronizer(plan.law, transform)
        let bound = BlockTracker.lockedCost(gains: gains)
        self.rows = rows
        self.plan = plan
        self.role = role
        self.gains = transform.gains
        self.transform = transform
        isLocked = []
        real = []
        imaginary = []
        for block in rows {
            let result = synchronize(published, block)
            isLocked.append(result.cost < bound)
            append(result, modes: model.powers.count)
        }
        if role == .initiator { turnToReference() }
    }

    /// From blocks that are synchronized already; the responder's still have to be aligned.
    init(
        _ results: [BlockTracker.Result], _ transform: TimeTransform, plan: SynchronizedPlan,
        rows: [Range<Int>], role: Party.Role
    ) {
        self.rows = rows
        self.plan = plan
        self.role = role
        gains = transform.gains
        self.transform = transform
        isLocked = rows.map { _ in true }
        real = []
        imaginary = []
        let modes = (role == .initiator ? plan.initiator : plan.responder).powers.count
        for result in results { append(result, modes: modes) }
        if role == .initiator { turnToReference() }
    }

    private mutating func append(_ result: BlockTracker.Result, modes: Int) {
        guard role == .responder else {
            real.append(transform.apply(result.real, modes: modes))
            imaginary.append(transform.apply(result.imaginary, modes: modes))
            return
        }
        seen.append(DriftingBlock(result, plan: plan, length: transform.length))
    }

    /// Turns each block so that its first reference is real and positive.
    private mutating func turnToReference() {
        guard let first = plan.references.first else { return }
        let place = first.mode * plan.bins + first.bin
        for block in real.indices {
            turn(block, by: -atan2(imaginary[block][place], real[block][place]))
        }
    }

    private mutating func turn(_ block: Int, by angle: Double) {
        let (c, s) = (cos(angle), sin(angle))
        for place in real[block].indices {
            let (re, im) = (real[block][place], imaginary[block][place])
            real[block][place] = re * c - im * s
            imaginary[block][place] = re * s + im * c
        }
    }

    /// The references of each block, real and imaginary parts in turn: what the initiator publishes.
    public var references: [Float] {
        real.indices.flatMap { block in
            plan.references.flatMap { member -> [Float] in
                let place = member.mode * plan.bins + member.bin
                return [Float(real[block][place]), Float(imaginary[block][place])]
            }
        }
    }

    /// So many times the disagreement that noise explains, and a share for drifts that aren't followed: with more than
    /// both a block has slipped at one of the ends. Blocks that didn't slip disagree by 0.001 to 0.004 (TGn-D, 20 dB),
    /// those that did by 0.1 and more.
    private static let tolerance = 3.0
    private static let drift = 0.005

    /// Turns the responder's blocks to the initiator's references, slow drifts included. Where they disagree all the
    /// same, the block isn't locked: a slip inside a block may cost its likelihood little.
    ///
    /// Throws `.protocolViolation` where they are of another number.
    public mutating func align(to references: [Float]) throws(QWaveError) {
        let width = 2 * plan.references.count
        guard references.count == width * seen.count, references.allSatisfy(\.isFinite) else {
            throw QWaveError(.protocolViolation, "the peer published other phase references than agreed")
        }
        (real, imaginary) = ([], [])
        for (block, view) in seen.enumerated() {
            let hers = references[block * width..<(block + 1) * width].map(Double.init)
            let (re, im) = view.aligned(to: hers, transform, plan)
            if !plan.references.isEmpty, !agrees(hers, re, im) { isLocked[block] = false }
            real.append(re)
            imaginary.append(im)
        }
    }

    /// True where a block's references are as near to the initiator's as noise lets them be.
    private func agrees(_ hers: [Double], _ real: [Double], _ imaginary: [Double]) -> Bool {
        var cross = (re: 0.0, im: 0.0)
        var (own, other, noise) = (0.0, 0.0, 0.0)
        for (index, member) in plan.references.enumerated() {
            let place = member.mode * plan.bins + member.bin
            let (a, b) = (hers[2 * index], hers[2 * index + 1])
            let (c, d) = (real[place], imaginary[place])
            cross.re += a * c + b * d
            cross.im += b * c - a * d
            own += a * a + b * b
            other += c * c + d * d
            noise += plan.initiator.noise + seenNoise(member.mode)
        }
        guard own > 0, other > 0 else { return false }
        let common = (cross.re * cross.re + cross.im * cross.im) / (own * other)
        return 1 - common <= Self.tolerance * noise / own + Self.drift
    }

    /// Noise of one of the initiator's modes as the responder sees it.
    private func seenNoise(_ mode: Int) -> Double {
        plan.projectionReal[mode].indices.reduce(0) {
            let (a, b) = (plan.projectionReal[mode][$1], plan.projectionImaginary[mode][$1])
            return $0 + (a * a + b * b) * plan.responder.noise
        }
    }

    /// Normalized symbols of a class of members over the blocks in `kept`: block, member, real before imaginary part.
    func values(of members: [SynchronizedPlan.Member], kept: [Int]) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(2 * members.count * kept.count)
        let scales = members.map { 1 / deviation($0) }
        for block in kept {
            for (member, scale) in zip(members, scales) {
                let place = member.mode * plan.bins + member.bin
                result.append(real[block][place] * scale)
                result.append(imaginary[block][place] * scale)
            }
        }
        return result
    }

    /// The commissioned standard deviation of one part of a coefficient.
    private func deviation(_ member: SynchronizedPlan.Member) -> Double {
        var (signal, noise) = (0.0, 0.0)
        switch role {
        case .initiator:
            signal = plan.initiator.powers[member.mode]
            noise = plan.initiator.noise
        case .responder:
            for (source, power) in plan.responder.powers.enumerated() {
                let a = plan.projectionReal[member.mode][source]
                let b = plan.projectionImaginary[member.mode][source]
                signal += (a * a + b * b) * power
                noise += (a * a + b * b) * plan.responder.noise
            }
        }
        return max(((signal * gains[member.bin] + noise) / 2).squareRoot(), 1e-30)
    }
}

extension SynchronizationModel {
    /// What synchronizes a block of gains, and how many of its gains carry something.
    func synchronizer(_ law: DopplerLaw, _ transform: TimeTransform)
        -> (run: (FeatureMatrix, Range<Int>) -> BlockTracker.Result, gains: Double)
    {
        if let specular {
            let tracker = SpecularTracker(model: self, specular: specular, transform: transform)
            return ({ tracker.run($0, rows: $1) }, tracker.gains)
        }
        let tracker = BlockTracker(self, law: law, count: transform.length)
        return ({ tracker.run($0, rows: $1) }, Double(transform.length * tones.count))
    }
}

extension ComponentStreams {
    /// The components of synchronized blocks: a row is a block, of which each component has several symbols.
    ///
    /// - Parameter kept: blocks that locked at both ends.
    public init(_ blocks: SynchronizedBlocks, kept: [Int], plan: QuantizationPlan, role: Party.Role) {
        let marginals = role == .initiator ? plan.initiatorMarginals : plan.responderMarginals
        let classes = plan.synchronization?.classes ?? []
        self.init(
            scores: zip(classes, marginals).map { members, marginal in
                blocks.values(of: members, kept: kept).map { marginal.score($0) }
            }, pairsPerRow: plan.timeBlock)
    }
}
