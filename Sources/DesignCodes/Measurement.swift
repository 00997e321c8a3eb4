// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Reconciliation

/// Frames with simulated errors through both ends: Alice's syndrome, Bob's decoding.
struct Measurement {
    var code: LDPCCode
    var level: Int
    var errorRate: Double
    var frames: Int
    var iterations: Int
    /// Bob's trust in his bits, in the code's unit; what the error rate says when nil.
    var trust: Int?
    /// How many levels are added, one a message, to a frame that fails.
    var retries = 0

    func run() -> String {
        var random = SplitMix(seed: 1)
        let decoder = LDPCDecoder(code, level: level)
        let trust = trust ?? Int(LDPCDecoder.magnitude(errorRate: errorRate, unit: code.unit))
        var used = 0
        var failures = 0
        var undetected = 0
        var seconds = 0.0
        var rounds = 0
        var residues: [Int] = []
        for _ in 0..<frames {
            let alice = (0..<code.bitCount / 64).map { _ in random.next() }
            let bob = alice.map { $0 ^ noise(&random) }
            let start = cpuSeconds()
            var syndrome = code.syndrome(of: alice.span, level: level)
            decoder.load(bob.span, magnitude: Int8(trust))
            decoder.forget()
            decoder.level = level
            var outcome = decoder.decode(syndrome.span, iterations: iterations)
            for _ in 0..<retries where outcome.unsatisfied != 0 && decoder.level < code.levels {
                let added = code.addedSyndrome(of: alice.span, after: decoder.level)
                code.refine(&syndrome, from: decoder.level, with: added)
                decoder.level += 1
                rounds += 1
                used += outcome.iterations
                outcome = decoder.decode(syndrome.span, iterations: iterations)
            }
            seconds += cpuSeconds() - start
            used += outcome.iterations
            if outcome.unsatisfied != 0 {
                failures += 1
                residues.append(
                    decoder.withDecisions { decisions in
                        alice.indices.reduce(0) { $0 + (alice[$1] ^ decisions[$1]).nonzeroBitCount }
                    })
            } else if decoder.withDecisions({ decisions in
                alice.indices.contains { decisions[$0] != alice[$0] }
            }) {
                undetected += 1
            }
        }
        if !residues.isEmpty {
            print("wrong bits left in frames that failed: \(residues.min()!) to \(residues.max()!)")
        }
        let bits = Double(code.bitCount)
        let extra = Double(rounds) / Double(frames)
        let leak = (Double(code.rows(level: level)) + extra) * Double(code.lift) / bits
        return String(
            format:
                "n %d leak %.4f e %.4f f %.4f FER %d/%d (undetected %d) iterations %.1f Mb/s %.1f trust %d extra rounds %.2f",
            code.bitCount,
            leak, errorRate, leak / Channel.entropy(errorRate), failures + undetected, frames, undetected,
            Double(used) / Double(frames), bits * Double(frames) / seconds / 1e6, trust, extra)
    }

    /// A word in which each bit is set with the error rate, to 1 in 2^20.
    private func noise(_ random: inout SplitMix) -> UInt64 {
        // Binary expansion of the rate, least digit first: or for a one, and for a zero.
        let digits = Int((errorRate * 1_048_576).rounded())
        var word: UInt64 = 0
        for place in 0..<20 {
            let draw = random.next()
            word = digits >> place & 1 == 1 ? word | draw : word & draw
        }
        return word
    }

    private func cpuSeconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
