// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// Where a block stands: what is known after the responder's verdicts, kept by both ends alike.
struct LDPCProgress: Sendable {
    /// What the initiator says next.
    enum Step: Sendable, Equatable {
        /// The open frames' syndrome bits of this range.
        case syndrome(Range<Int>)
        /// The open frames' bits.
        case reveal
        /// Nothing: all frames are decoded.
        case done
        case refused(Refusal)
    }
    enum Refusal: Sendable { case tooMuchLeak, tooManyMessages }

    let plan: LDPCPlan
    /// Frames that aren't decoded, ascending.
    private(set) var open: [Int32]
    private(set) var step: Step = .done
    /// Messages in both directions, the one that `step` says included.
    private(set) var messages = 1
    /// Bits told to the responder, the ones that `step` says included.
    private(set) var told = 0
    private var round = 0

    init(_ plan: LDPCPlan) {
        self.plan = plan
        open = (0..<plan.frameCount).map { Int32($0) }
        advance()
    }

    /// Bits that `step` tells, with the hashes in the opening.
    private(set) var price = 0

    /// Bits of the message's field.
    var fieldBits: Int {
        switch step {
        case .syndrome: price
        case .reveal: open.reduce(0) { $0 + plan.length(of: Int($1)) }
        case .done, .refused: 0
        }
    }

    var isOpening: Bool { round == 0 }

    /// What the next verdicts tell: one of two for each open frame, and by when they come how many iterations all of
    /// them took together, each of the same length whatever the bits are. What decides it are the responder's
    /// reliabilities, which no error pattern covers.
    var verdicts: Disclosure {
        let tuning = plan.tuning
        let scales = 1 + min(tuning.scales.count, max(0, round - tuning.patience))
        let iterations = round == 0 ? tuning.firstIterations : tuning.iterations
        let groups = (open.count + plan.lanes - 1) / plan.lanes
        return Disclosure(
            .outcome, bits: Double(open.count) + LDPCNeed.log2(Double(groups * scales * iterations + 1)),
            isReconciliation: true)
    }

    /// Takes the verdicts, one an open frame.
    mutating func take(_ decoded: [Bool]) {
        open = zip(open, decoded).filter { !$0.1 }.map(\.0)
        messages += 1
        round += 1
        advance()
    }

    private mutating func advance() {
        price = 0
        if open.isEmpty, plan.frameCount > 0 {
            step = .done
            return
        }
        if round < plan.rounds.count {
            let start = round == 0 ? 0 : plan.rounds[round - 1]
            step = .syndrome(start..<plan.rounds[round])
            price = open.count * (plan.rounds[round] - start + (round == 0 ? plan.hashBits : 0))
        } else {
            step = .reveal
            // All that may be told of a frame is its bits; what was told of it before is part of them.
            let before = round == 0 ? 0 : plan.rounds[round - 1] + plan.hashBits
            price = open.reduce(0) { $0 + max(0, plan.length(of: Int($1)) - before) }
        }
        if told + price > plan.leakLimit {
            refuse(.tooMuchLeak)
        } else if round >= plan.messageLimit {
            refuse(.tooManyMessages)
        } else {
            told += price
            if round > 0 { messages += 1 }
        }
    }

    private mutating func refuse(_ why: Refusal) {
        step = .refused(why)
        price = 0
    }

    /// What to tell when the block is refused.
    var refusal: QWaveError? {
        guard case .refused(let reason) = step else { return nil }
        return switch reason {
        case .tooMuchLeak:
            QWaveError(
                .refused,
                "LDPC gave up: correcting the block would tell more than \(plan.leakLimit) bits of "
                    + "\(plan.bitCount), so no key would be left; the keys disagree far more than the frames' "
                    + "error rates say")
        case .tooManyMessages:
            QWaveError(
                .refused,
                "LDPC gave up after \(plan.messageLimit) messages each way; allow more rounds or check the "
                    + "error rates")
        }
    }
}
