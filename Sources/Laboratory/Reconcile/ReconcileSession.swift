// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
public import Reconciliation

/// One block's reconciliation with both ends in the calling thread and no link between them: the machines hand
/// each other their messages.
public struct ReconcileSession: Sendable {
    /// Processor seconds of both ends: everything from the raw keys to the corrected one, messages made and read.
    public private(set) var seconds = 0.0
    /// Bits about the key that the initiator's messages told.
    public private(set) var leakForward = 0.0
    /// Bits that the responder's messages told.
    public private(set) var leakBackward = 0.0
    /// Messages in both directions.
    public private(set) var messages = 0
    /// Bytes in both directions.
    public private(set) var bytes = 0
    /// Why the ends gave up, where they did.
    public private(set) var refusal: QWaveError?
    /// Both keys, nil where the ends gave up.
    public private(set) var initiator: CorrectedKey?
    public private(set) var responder: CorrectedKey?

    /// Messages each way.
    public var rounds: Int { (messages + 1) / 2 }

    /// Runs the block.
    ///
    /// Throws what a machine throws, except a refusal, which is a result.
    public init(_ engine: any Reconciler, _ pair: KeyPair, seed: UInt64) throws(QWaveError) {
        let begin = ThreadClock.now()
        defer { seconds = ThreadClock.now() - begin }
        var machines = [
            try engine.initiator(pair.initiator, seed: seed), try engine.responder(pair.responder),
        ]
        var speaker = 0
        var action = machines[0].opening()
        while let current = action {
            var message: ReconciliationAction<CorrectedKey>.Message?
            switch current {
            case .send(let bytes, let disclosure): message = .init(bytes, disclosure)
            case .finish(let last, let result):
                take(result, at: speaker == 0 ? .initiator : .responder)
                message = last
            }
            guard let message else { return }
            note(message, forward: speaker == 0)
            speaker = 1 - speaker
            action = try machines[speaker].receive(message.bytes)
        }
    }

    private mutating func note(_ message: ReconciliationAction<CorrectedKey>.Message, forward: Bool) {
        messages += 1
        bytes += message.bytes.count
        if forward {
            leakForward += message.disclosure.bits
        } else {
            leakBackward += message.disclosure.bits
        }
    }

    private mutating func take(_ result: Result<CorrectedKey, QWaveError>, at role: Party.Role) {
        switch (result, role) {
        case (.success(let key), .initiator): initiator = key
        case (.success(let key), .responder): responder = key
        case (.failure(let error), _): refusal = error
        }
    }

    /// Whether the 64-bit verification of the block takes the two keys for equal.
    ///
    /// - Parameter hashKey: drawn after both keys were fixed.
    public func verifies(hashKey: UInt64) throws(QWaveError) -> Bool {
        guard let initiator, let responder else { return false }
        let left = VerificationInitiator(initiator, hashKey: hashKey)
        var right = VerificationResponder(responder)
        guard case .send(let hash, _)? = left.opening(), case .finish(_, let result) = try right.receive(hash)
        else { return false }
        if case .success = result { return true }
        return false
    }
}
