// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore

@testable import Secrecy

/// Somebody who touches up a certificate and then makes everything fit again that follows from it.
enum Forger {
    /// Adds everything up anew: charges, sums, the leak rule, the length messages, bound B, the lengths, the notes.
    static func settle(_ c: inout Certificate) {
        for i in c.terms.components.indices {
            let part = c.terms.components[i]
            c.terms.components[i].charge = part.memoryCharge + part.eveCharge + part.deficit
        }
        let parts = c.terms.components
        c.terms.entropy = parts.reduce(0) { $0 + $1.entropy }
        c.terms.errorPattern = parts.reduce(0) { $0 + Double($1.symbols) * $1.errorPatternCharge }
        let isPattern = c.terms.patternCoversBackward && c.terms.errorPattern < c.terms.leakBackward
        c.terms.leakRule = isPattern ? .errorPattern : .bothDirections
        c.terms.leakReconciliation =
            c.terms.leakForward + (isPattern ? c.terms.errorPattern : c.terms.leakBackward)
        c.terms.renyi = RenyiBound(parts, epsilon: c.epsilons.smoothing)
        c.terms.amplification = 2 * log2(1 / (2 * c.epsilons.amplification))
        c.epsilonTotal = c.epsilons.total
        settleMessages(&c)
        c.modelBits = KeyLength.whole(c.terms.model)
        c.assessedBits = c.terms.assessed.flatMap(KeyLength.whole)
        c.assurance = KeyLength.assurance(c.terms, c.assessedBits)
        c.ownLength = c.modelBits.map { KeyLength.rounded($0, c.assessedBits) } ?? 0
        c.length = c.ownLength
        c.netLength = c.length - c.authenticationBits
    }

    private static func settleMessages(_ c: inout Certificate) {
        let messages = ["length forward", "length backward"]
        let others = c.terms.otherItems.filter { !messages.contains($0.name) }
        c.terms.leakOther = others.reduce(0) { $0 + $1.bits }
        let values =
            (KeyLength.whole(c.terms.model).map { KeyLength.rounded($0, nil) } ?? 0) / KeyLength.granule + 1
        for i in c.terms.otherItems.indices where messages.contains(c.terms.otherItems[i].name) {
            c.terms.otherItems[i].bits = log2(Double(values))
        }
        c.terms.leakOther = c.terms.otherItems.reduce(0) { $0 + $1.bits }
    }

    /// An LDPC exchange over gains, authenticated by a pre-shared key.
    static func gains() -> KeyLengthInputs {
        var inputs = Example.inputs()
        inputs.threatModel.preSharedKey = .init(
            source: "enrolled", length: 4096, reuseRule: "every bit is used once")
        inputs.authenticationBits = 512
        return inputs
    }

    /// The same by Cascade, whose backward bits the error pattern pays for.
    static func cascade() -> KeyLengthInputs {
        var inputs = gains()
        inputs.leakBackward = inputs.leakForward
        inputs.reconciliationItems = ["forward", "backward"].map {
            .init(name: "parity \($0)", bits: inputs.leakForward ?? 0)
        }
        inputs.patternCoversBackward = true
        return inputs
    }

    /// Two classes of one recorded value.
    static func recorded() -> KeyLengthInputs {
        var inputs = gains()
        inputs.components = ["class 3", "class 4"].map {
            .init(component: Example.component(name: $0), symbols: 32_768)
        }
        inputs.health = Example.health(["class 3", "class 4"])
        inputs.otherItems = [.init(name: "segmentClass forward", bits: 4 * 600)]
        return inputs
    }

    /// Synchronized blocks; every block's lock flag costs a bit each way.
    static func synchronized() -> KeyLengthInputs {
        var inputs = gains()
        inputs.components = ["synchronized 0", "synchronized 1"].map {
            .init(component: Example.component(name: $0), symbols: 32_768)
        }
        inputs.health = Example.health(["synchronized 0", "synchronized 1"])
        inputs.otherItems = ["forward", "backward"].map { .init(name: "lockFlag \($0)", bits: 300) }
        return inputs
    }

    /// Nine components: the spectra of eight are looked at.
    static func many() -> KeyLengthInputs {
        var inputs = gains()
        let names = (0..<9).map { "canonical \($0)" }
        inputs.components = names.map { .init(component: Example.component(name: $0), symbols: 7_000) }
        inputs.health = Example.health(names)
        return inputs
    }

    /// An Eve was recorded, and what she showed stands in the memory charge.
    static func traced() -> KeyLengthInputs {
        var inputs = gains()
        inputs.threatModel.eveTrace = true
        inputs.components[0].component = Example.component(memory: 0.5)
        inputs.components[0].component.eveCharge = 0
        inputs.health += ["autoregressive", "ridge", "joint"].map { Example.test("trained Eve, \($0)") }
        return inputs
    }

    /// An attacker may control a twentieth of the rounds.
    static func injected() -> KeyLengthInputs {
        var inputs = gains()
        inputs.threatModel.injectedFraction = 0.05
        return inputs
    }

    /// All symbols were assessed.
    static func assessed() -> KeyLengthInputs {
        var inputs = gains()
        inputs.components[0].assessment = .init(assessed: 1.3, control: 2.6, symbols: 1_000_000)
        return inputs
    }

    /// Live probes with tags.
    static func probed() -> Certificate {
        var inputs = gains()
        inputs.authenticationBits = 1024
        inputs.health.append(Example.test("injected probes"))
        var context = Example.context
        context.injectionDetection = "computational: probes carried a keyed tag"
        return Example.certificate(inputs, context: context)
    }
}
