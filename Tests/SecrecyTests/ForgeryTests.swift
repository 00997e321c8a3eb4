// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Testing

@testable import Secrecy

/// Certificates that were touched up so that every sum is right.
@Suite struct ForgeryTests {
    struct Forgery: Sendable, CustomTestStringConvertible {
        let what: String
        /// A genuine certificate.
        let genuine: @Sendable () -> Certificate
        /// Words of the fault that must be found.
        let fault: String
        let change: @Sendable (inout Certificate) -> Void

        var testDescription: String { what }

        init(
            _ what: String, _ inputs: @escaping @Sendable () -> KeyLengthInputs, _ fault: String,
            _ change: @escaping @Sendable (inout Certificate) -> Void
        ) {
            self.init(of: { Example.certificate(inputs()) }, what, fault, change)
        }

        init(
            of genuine: @escaping @Sendable () -> Certificate, _ what: String, _ fault: String,
            _ change: @escaping @Sendable (inout Certificate) -> Void
        ) {
            self.what = what
            self.genuine = genuine
            self.fault = fault
            self.change = change
        }
    }

    @Test(arguments: leaks + charges + healthTests + terms + assessments)
    func `a consistent forgery is found, and told in words`(forgery: Forgery) {
        let genuine = forgery.genuine()
        #expect(genuine.length > 0 && genuine.verifyArithmetic() + genuine.verifyNames() == [])
        // The forger's arithmetic is right: it leaves a genuine certificate as it is.
        var settled = genuine
        Forger.settle(&settled)
        #expect(settled.verifyArithmetic() == [])
        var forged = genuine
        forgery.change(&forged)
        Forger.settle(&forged)
        #expect(forged.length > 0)
        let faults = forged.verifyArithmetic() + forged.verifyNames()
        #expect(faults.contains { $0.contains(forgery.fault) }, "\(faults)")
    }

    static let leaks = [
        Forgery("rounds of f_max credited", Forger.injected, "charge for f_max") {
            $0.terms.otherItems.removeAll { $0.name == "injected rounds, credited 0" }
        },
        Forgery("no items of reconciliation", Forger.gains, "reconciliation isn't told by message type") {
            $0.terms.reconciliationItems = []
            $0.terms.leakForward = 0
            $0.terms.leakBackward = 0
        },
        Forgery("a leak that its items don't have", Forger.gains, "reconciliation by message type, forward") {
            $0.terms.leakForward = 100
        },
        Forgery("forward bits declared backward", Forger.cascade, "reconciliation by message type, forward") {
            $0.terms.leakBackward += $0.terms.leakForward - 10
            $0.terms.leakForward = 10
        },
        Forgery("forward parities declared backward", Forger.cascade, "which holds for Cascade's parities") {
            $0.terms.leakBackward += $0.terms.leakForward - 10
            $0.terms.leakForward = 10
            $0.terms.reconciliationItems = [
                .init(name: "parity forward", bits: $0.terms.leakForward),
                .init(name: "parity backward", bits: $0.terms.leakBackward),
            ]
        },
        Forgery("LDPC paid by the error pattern", Forger.gains, "which holds for Cascade's parities") {
            $0.terms.leakBackward = $0.terms.leakForward
            $0.terms.leakForward = 0
            $0.terms.reconciliationItems = [
                .init(name: "syndrome forward", bits: 0),
                .init(name: "outcome backward", bits: $0.terms.leakBackward),
            ]
            $0.terms.patternCoversBackward = true
            $0.notes.append("backward bits are paid for by handing Eve the whole error pattern")
        },
        Forgery("LDPC that the pattern would cover", Forger.gains, "which holds for Cascade's parities") {
            $0.terms.patternCoversBackward = true
        },
        Forgery("an item without a direction", Forger.gains, "neither forward nor backward") {
            $0.terms.reconciliationItems[1].name = "outcome"
        },
        Forgery("an item without a kind", Forger.gains, "neither forward nor backward") {
            $0.terms.reconciliationItems[1].name = " backward"
        },
        Forgery("no length messages", Forger.gains, "length forward must be there once") {
            $0.terms.otherItems = []
        },
        Forgery("one length message", Forger.gains, "length backward must be there once") {
            $0.terms.otherItems.removeAll { $0.name == "length backward" }
        },
        Forgery("classes of segments for nothing", Forger.recorded, "the classes of the block's segments") {
            $0.terms.otherItems.removeAll { $0.name == "segmentClass forward" }
        },
        Forgery("too few classes of segments", Forger.recorded, "the classes of the block's segments") {
            $0.terms.otherItems[0].bits = 4 * 512
        },
        Forgery("synchronization for nothing", Forger.synchronized, "the block's synchronization") {
            $0.terms.otherItems.removeAll { $0.name == "lockFlag backward" }
        },
    ]

    static let charges = [
        Forgery("no charge for the error pattern", Forger.cascade, "c_err of a") {
            $0.terms.components[0].errorPatternCharge = 0
        },
        Forgery("too small a charge for the error pattern", Forger.cascade, "c_err of a") {
            $0.terms.components[0].errorPatternCharge = 0.265
        },
        Forgery("no charge for a pattern that decides nothing", Forger.gains, "c_err of a") {
            $0.terms.components[0].errorPatternCharge = 0
        },
        Forgery("one component's pattern for nothing", Forger.synchronized, "c_err of synchronized 1") {
            $0.terms.components[1].errorPatternCharge = 0.1
        },
        Forgery("Eve's charge pays for the memory", Forger.gains, "its multiple correlation tells") {
            $0.terms.components[0].memoryCorrelation = 0.4
            $0.terms.components[0].memoryCharge = 0
        },
        Forgery("a trace without its memory charge", Forger.traced, "its multiple correlation tells") {
            $0.terms.components[0].memoryCharge /= 2
        },
    ]

    private static func striking(
        _ name: String, _ inputs: @escaping @Sendable () -> KeyLengthInputs
    ) -> Forgery {
        Forgery("struck out: \(name)", inputs, "\"\(name)\"") { certificate in
            guard let place = certificate.health.firstIndex(where: { $0.name == name }) else { return }
            certificate.health.remove(at: place)
        }
    }

    static let healthTests =
        Example.passed.map { striking($0.name, Forger.gains) }
        + Example.health(["class 3", "class 4"]).map { striking($0.name, Forger.recorded) }
        + Example.health(["synchronized 0", "synchronized 1"]).map { striking($0.name, Forger.synchronized) }
        + ["periodicity, canonical 7", "coherence floor of component 8"].map { striking($0, Forger.many) }
        + ["autoregressive", "ridge", "joint"].map { striking("trained Eve, \($0)", Forger.traced) }
        + [
            Forgery("all tests but one", Forger.gains, " more") { $0.health = [$0.health[0]] },
            Forgery(of: Forger.probed, "injected probes not counted", "\"injected probes\"") {
                $0.health.removeAll { $0.name == "injected probes" }
            },
            Forgery("keyed probes that weren't", Forger.gains, "isn't what context and health tests say") {
                $0.injectionDetection = "computational: probes carried a keyed tag"
            },
        ]

    static let terms =
        [
            Forgery("a free verification hash", Forger.gains, "t_verify") { $0.terms.verification = 0 },
            Forgery("a short verification hash", Forger.gains, "t_verify") { $0.terms.verification = 32 },
            Forgery("a padded hash that nothing paid for", Forger.gains, "t_verify") {
                $0.terms.verification = 0
                $0.notes.append("the verification hash was one-time padded, so it tells nothing")
            },
            Forgery("authentication for nothing", Forger.gains, "an exchange takes 512") {
                $0.authenticationBits = 0
            },
            Forgery("half of the authentication", Forger.gains, "an exchange takes 512") {
                $0.authenticationBits = 511
            },
            Forgery(of: Forger.probed, "an agreement on probes for nothing", "an exchange takes 768") {
                $0.authenticationBits = 767
            },
            Forgery("a pre-shared key of a bit", Forger.gains, "pre-shared key has 1 bits") {
                $0.threatModel.preSharedKey?.length = 1
            },
            Forgery("a pre-shared key shorter than its use", Forger.gains, "authentication consumed 512") {
                $0.threatModel.preSharedKey?.length = 511
            },
            Forgery("no captures", Forger.gains, "no capture is named") { $0.context.captures = [] },
            Forgery("a capture without a name", Forger.gains, "no capture is named") {
                $0.context.captures[1] = " "
            },
            Forgery("no software", Forger.gains, "no software is named") { $0.context.software = [:] },
            Forgery("code of another software", Forger.gains, "isn't that of the named software") {
                $0.context.codeHash = String(Example.digest.reversed())
            },
            Forgery("injection detection of no kind", Forger.gains, "there is no such kind") {
                $0.injectionDetection = "information theoretic"
                $0.context.injectionDetection = "information theoretic"
            },
            Forgery("injection detection unsaid", Forger.gains, "there is no such kind") {
                $0.injectionDetection = ""
                $0.context.injectionDetection = ""
            },
            Forgery("an ε_cor of 0", Forger.gains, "ε_cor is 0") { $0.epsilons.correctness = 0 },
            Forgery("an ε_cor below the hash's", Forger.gains, "ε_cor is") {
                $0.epsilons.correctness = 0x1p-53
            },
            Forgery("an ε_auth below the tags'", Forger.gains, "ε_auth is") {
                $0.epsilons.authentication = 0x1p-120
            },
            Forgery("an ε_est of 0", Forger.gains, "ε_est is") { $0.epsilons.estimation = 0 },
            Forgery("an ε_est of 1", Forger.gains, "ε_est is") { $0.epsilons.estimation = 1 },
            Forgery("an ε_auth of nothing", Forger.gains, "ε_auth is") { $0.epsilons.authentication = .nan },
            Forgery("a time of no form", Forger.gains, "ISO 8601") { $0.context.time = "z" },
        ] + hashes + notes

    private static let hashes = ["x", "", Example.digest.uppercased(), "g" + Example.digest.dropFirst()]
        .flatMap { hash in
            [
                Forgery("threat model's hash \"\(hash)\"", Forger.gains, "hash of the threat model isn't") {
                    $0.context.threatModelHash = hash
                },
                Forgery("configuration's hash \"\(hash)\"", Forger.gains, "hash of the configuration isn't") {
                    $0.context.configurationHash = hash
                },
                Forgery("code's hash \"\(hash)\"", Forger.gains, "hash of the code isn't 64") {
                    $0.context.codeHash = hash
                    $0.context.software["source"] = hash
                },
            ]
        }

    private static let notes = Example.certificate(Forger.cascade()).notes.map { note in
        Forgery("without the note: \(note)", Forger.cascade, note) { $0.notes.removeAll { $0 == note } }
    }

    static let assessments = [
        Forgery("an assessment that counts for nothing", Forger.assessed, "no h90B counts it") {
            $0.terms.components[0].h90B = nil
            $0.terms.components[0].assessedEveCharge = nil
        },
        Forgery("an assessment of nobody", Forger.gains, "no h90B counts it") {
            $0.assessments["b"] = .init(assessed: 1, control: 2, symbols: 2_000_000)
        },
        Forgery("an assessment that charges nothing for Eve", Forger.assessed, "charge for Eve in L_90B") {
            $0.terms.components[0].assessedEveCharge = 0
        },
    ]

    @Test func `a hash that was padded is free where words and authentication say so`() {
        var inputs = Forger.gains()
        inputs.verification = 0
        inputs.authenticationBits = 576
        let padded = Example.certificate(inputs)
        #expect(padded.length > 0 && padded.verifyArithmetic() == [])
        #expect(padded.notes.contains { $0.contains("one-time padded") })
    }

    @Test func `a library's certificate without names adds up, and the program asks for them`() {
        let context = Certificate.Context(
            block: "00/0", threatModelHash: Example.digest, codeHash: "unversioned build",
            configurationHash: Example.digest, time: "2026-01-01T00:00:00Z")
        let certificate = Example.certificate(Forger.gains(), context: context)
        #expect(certificate.length > 0 && certificate.verifyArithmetic() == [])
        #expect(certificate.verifyNames().count == 2)
    }

    @Test func `refusals add up, whatever they came to`() throws {
        let changes: [(inout KeyLengthInputs) -> Void] = [
            { $0.health = [HealthResult(name: "jumps", passed: false, threshold: 1, localValue: 2)] },
            { $0.refusals = ["the peer's health tests refuse the channel"] },
            // Before anything was keyed; and in the middle of a reconciliation, whatever its engine.
            {
                $0.components = []
                $0.leakForward = 0
                $0.leakBackward = 0
                $0.verification = 0
                $0.reconciliationItems = []
                $0.health = []
            },
            {
                $0.verification = nil
                $0.patternCoversBackward = true
                $0.refusals = ["stop"]
            },
            {
                $0.leakForward = nil
                $0.leakBackward = nil
                $0.reconciliationItems = []
                $0.authenticationBits = 0
                $0.refusals = ["stop"]
            },
        ]
        for (index, change) in changes.enumerated() {
            var inputs = Forger.gains()
            change(&inputs)
            let refused = Certificate(
                result: KeyLength.compute(inputs), inputs: inputs, context: Example.context)
            #expect(refused.length == 0, "\(index)")
            #expect(refused.verifyArithmetic() + refused.verifyNames() == [], "\(index)")
            #expect(!refused.notes.contains { $0.contains("padded") })
            // From a file, where values that aren't numbers are words.
            #expect(try Certificate(json: refused.json()).verifyArithmetic() == [], "\(index)")
        }
    }

    @Test func `a hostile file costs no more than a real one, and never traps`() {
        var part = Example.certificate().terms.components[0]
        var charges = PatternCharges(budget: 30)
        #expect(charges.least(part) != nil)
        // What was computed once is free; what is new isn't.
        #expect(charges.least(part) != nil)
        part.correlationLowerBound = 0
        #expect(charges.least(part) == nil)
        for bits in [9, 16] {
            part.bits = bits
            #expect(charges.least(part) == nil)
        }
        part.bits = 3
        // Where there is no law, everything is told.
        for value in [Double.nan, .infinity, -.infinity, -1, 0, 1.5] {
            var senseless = part
            senseless.correlation = value
            #expect(charges.least(senseless) == 3)
            senseless.correlation = 0.5
            senseless.correlationLowerBound = value.isFinite ? .nan : value
            #expect(charges.least(senseless) == 3)
        }
    }
}
