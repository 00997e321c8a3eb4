// SPDX-License-Identifier: GPL-3.0-or-later

/// The public side of Cascade: which parities are asked, and what the answers say about the errors.
///
/// It sees only what an eavesdropper sees: the plan, the seed, and the responder's error parities. Both ends
/// run it, so the list of questions never travels. Every answer is used in every pass: a bit that is known
/// in one tree is known in all, and a node follows from its parent and sibling or from its children
/// (Brassard and Salvail 1993, with the reuse of known sub-blocks; reconciliation.md, 4.4).
struct CascadeSearch: Sendable {
    /// A node of one of the trees.
    struct Node: Sendable, Hashable {
        var tree: Int32
        var level: Int32
        var index: Int32
    }

    /// One parity to ask.
    enum Question: Sendable, Hashable {
        case node(Node)
        /// The random subset with this seed.
        case subset(seed: UInt64)
    }

    /// A random-subset parity of the tail: the errors left in it, corrections included.
    struct Probe: Sendable {
        var seed: UInt64
        var isOdd: Bool
    }

    let plan: CascadePlan
    let tuning: CascadeTuning
    let seed: UInt64
    let limits: CascadeLimits
    var trees: [ParityTree] = []
    /// What is asked now, in order; empty when the search is over.
    var questions: [Question] = []
    /// Bits found wrong at the responder, in the order of finding.
    var errors: [Int32] = []
    /// Parities asked so far, those of `questions` included.
    var asked = 0
    var rounds = 0
    /// Why the search gave up, if it did.
    var failure: Failure?

    enum Failure: Sendable { case tooManyParities, tooManyRounds }

    var probes: [Probe] = []
    var passes = 0
    var isTailAsked = false
    /// Known nodes that turned odd and wait to be looked at.
    var candidates: [Node] = []
    /// Known leaves with an error, not yet corrected.
    var found: [Int32] = []
    /// Nodes that became known and whose consequences wait to be drawn.
    var fresh: [Node] = []

    init(plan: CascadePlan, seed: UInt64, limits: CascadeLimits, tuning: CascadeTuning) {
        self.plan = plan
        self.tuning = tuning
        self.seed = seed
        self.limits = limits
        advance()
    }

    /// Takes the responder's error parities (of the uncorrected key), one for each question.
    ///
    /// - Precondition: as many answers as questions.
    mutating func take(_ answers: [Bool]) {
        precondition(answers.count == questions.count, "an answer for each question")
        for (question, answer) in zip(questions, answers) {
            switch question {
            case .node(let node):
                let slot = trees[Int(node.tree)].slot(Int(node.level), Int(node.index))
                let byte = trees[Int(node.tree)].nodes[slot]
                if byte & ParityTree.known == 0 { learn(node, isOdd: (byte & 1 != 0) != answer) }
            case .subset(let seed):
                var isOdd = answer
                for bit in errors where PublicShuffle.subset(seed: seed, contains: Int(bit)) {
                    isOdd.toggle()
                }
                probes.append(Probe(seed: seed, isOdd: isOdd))
            }
        }
        inferLastBlocks()
        correct()
        advance()
    }
}
