// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Secrecy

/// The two ends' own results, compared.
struct DemoPairing: Encodable {
    var keyBits: Int
    var netKeyBits: Int
    var bitsPerMinute: Double

    init(_ initiator: [UInt8], _ responder: [UInt8]) throws {
        struct Report: Decodable {
            struct Exchange: Decodable {
                var identifier: String
                var keyBits: Int
                var netKeyBits: Int
                var bitsPerMinute: Double?
            }
            var exchanges: [Exchange]
        }
        let a = try JSONDecoder().decode(Report.self, from: Data(initiator))
        let b = try JSONDecoder().decode(Report.self, from: Data(responder))
        guard let first = a.exchanges.first, let second = b.exchanges.first,
            first.identifier == second.identifier,
            first.keyBits == second.keyBits
        else { throw QWaveError(.internalFault, "the two ends report different exchanges") }
        keyBits = first.keyBits
        netKeyBits = first.netKeyBits
        bitsPerMinute = first.bitsPerMinute ?? 0
    }
}

/// What `qwave demo` shows at the end.
struct DemoResult: CommandResult {
    struct Essentials: Encodable {
        var block: String
        var length: Int
        var epsilon: Double
        var assurance: String
        var claim: String

        init(_ certificate: Certificate) {
            block = certificate.context.block
            length = certificate.length
            epsilon = certificate.epsilonTotal
            assurance = certificate.assurance
            claim = certificate.claim
        }
    }

    var pairing: DemoPairing
    var keysWrapped: Int
    var keysEqual: Bool
    var certificates: [Essentials]
    var seconds: Double
    var simulated = true

    var text: String {
        var lines = [
            "SIMULATED CHANNEL: nothing here is a real secret.",
            "pads        \(pairing.keyBits) bits at each end, \(pairing.netKeyBits) net of authentication: "
                + "\(Int(pairing.bitsPerMinute)) bit/min of channel time",
        ]
        for (end, certificate) in zip(["alice", "bob"], certificates) {
            let epsilon = (log2(certificate.epsilon) * 100).rounded() / 100
            lines.append(
                "certificate \(end): \(certificate.length) bits, ε_tot 2^\(epsilon), assurance \"\(certificate.assurance)\""
            )
        }
        lines.append("            \(certificates[0].claim)")
        lines.append("delivered   \(keysWrapped) keys of 256 bits wrapped, opened, equal: \(keysEqual)")
        lines.append("            everything in \(Int(seconds)) s")
        return lines.joined(separator: "\n")
    }
}
