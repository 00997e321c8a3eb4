// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore
public import Quantization
public import Secrecy

/// What one end has after an exchange: a key and why it is secret, or the reasons why there is none.
public struct ExchangeOutcome: Sendable {
    public let role: Party.Role
    /// The exchange's name, 16 bytes.
    public let identifier: [UInt8]
    /// The number of the exchange in the life of the pairing, as the initiator counts.
    public let sequence: UInt64
    /// Nil where the exchange was refused.
    public let key: SecretKey?
    /// Nil where the exchange was refused before anything was keyed.
    public let certificate: Certificate?
    /// Why there is no key; empty where there is one.
    public let refusals: [String]
    public let statistics: ExchangeStatistics
    /// The initiator's symbols of the commissioning part, public, for a `SymbolPool`; nil where the exchange didn't
    /// come to a plan.
    public var commissioningSymbols: CommissioningSymbols?
    /// What a pool that takes them must be bound to.
    public var poolBinding: SymbolPool.Binding?
    /// The health tests on keyed samples; the measured values are local and never to be published. A failure is for a
    /// `HealthState` to remember: those on published samples are repeated by the next exchange's own commissioning.
    public var blockHealth: [HealthResult] = []
    /// The window for the next exchange, where this one carries any over: renewed, or dropped by a failed health test.
    /// Nil leaves what there is as it is.
    public var commissioningState: CommissioningState?
    /// What stands for `certificate` where the exchange was refused before there was one: 0 bits, and why.
    public internal(set) var refusalCertificate: Certificate?
}

extension ExchangeOutcome {
    /// What an end has that was refused before anything was agreed with its peer.
    ///
    /// - Parameters:
    ///   - trace: the capture that it came with.
    ///   - exchange: what would have run, for the certificate of the refusal; without it there is none.
    public static func refused(
        _ trace: ChannelTrace, as role: Party.Role, because reason: String, of exchange: Replay? = nil
    ) -> Self {
        var statistics = ExchangeStatistics()
        statistics.probes = trace.count
        statistics.simulated = trace.description.simulated
        var outcome = ExchangeOutcome(
            role: role, identifier: [], sequence: 0, key: nil, certificate: nil, refusals: [reason],
            statistics: statistics)
        if let exchange {
            outcome.refusalCertificate = try? exchange.refusalCertificate(
                because: [reason], simulated: statistics.simulated)
        }
        return outcome
    }
}

extension Certificate {
    /// The certificate of an exchange that was refused before a length was computed.
    ///
    /// Where nothing was keyed nothing was told of a key either, and its leaks are 0; a term that is missing where
    /// something was keyed stays missing.
    static func refusal(
        _ inputs: KeyLengthInputs, because reasons: [String], context: Context
    ) -> Certificate {
        var inputs = inputs
        inputs.refusals = reasons
        if inputs.components.isEmpty {
            inputs.leakForward = inputs.leakForward ?? 0
            inputs.leakBackward = inputs.leakBackward ?? 0
            inputs.verification = inputs.verification ?? 0
        }
        var result = KeyLength.compute(inputs)
        // What the formula finds missing is missing because of them.
        result.refusals = reasons
        return Certificate(result: result, inputs: inputs, context: context)
    }
}

extension Certificate.Context {
    /// - Parameter identifier: the exchange's name; empty where the ends never came to one.
    init(
        _ identifier: [UInt8], options: ExchangeOptions, captures: [String], software: [String: String],
        simulated: Bool
    ) throws(QWaveError) {
        let name = identifier.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        self.init(
            block: identifier.isEmpty ? "none" : name + "/0",
            threatModelHash: try options.threatModelDigest(),
            codeHash: software["source"] ?? "unversioned build", configurationHash: try options.digest(),
            captures: captures, software: software, time: Date.now.formatted(.iso8601), simulated: simulated)
    }
}

/// Counts of one end's exchange. Some are statistics of keyed samples: local, never to be published.
public struct ExchangeStatistics: Sendable {
    public var probes = 0
    public var pairs = 0
    public var commissionedPairs = 0
    /// Pairs of earlier exchanges that commissioned beside them.
    public var carriedPairs = 0
    public var basis = PairList.Basis.row
    public var plan: QuantizationPlan?
    public var findings: Commissioning.Findings?
    public var rawBits = 0
    public var symbols = 0
    public var frames: [KeyFrame] = []
    /// Bits that the responder changed; nil at the initiator.
    public var corrected: Int?
    /// Errors found in each frame, at the responder; keyed samples, local.
    public var frameErrors: [Int] = []
    /// The name of the engine that reconciled, nil where it didn't come to that.
    public var reconciler: String?
    /// Whether reconciliation went by the responder's log-likelihoods.
    public var usesSoftValues = false
    public var leakForward = 0.0
    public var leakBackward = 0.0
    public var messages = 0
    /// Bytes on the link in both directions.
    public var publicBytes = 0
    public var verificationEpsilon = 0.0
    /// Seconds from the first to the last pair on this end's clock, where it has times.
    public var captureSeconds: Double?
    public var simulated = false

    public init() {}
}

extension ExchangeStatistics {
    /// Shannon's limit for reconciling this block, in bits: Σ n h2(e) over frames with the errors that were found, or
    /// Σ n H(bit | sample) as commissioned where the responder's log-likelihoods were used.
    public var shannonLimit: Double {
        if usesSoftValues {
            return frames.reduce(0) { $0 + Double($1.range.count) * ($1.softEntropy ?? 0) }
        }
        return zip(frames, frameErrors).reduce(0) { sum, frame in
            let n = Double(frame.0.range.count)
            return sum + n * binaryEntropy(Double(frame.1) / max(n, 1))
        }
    }
}
