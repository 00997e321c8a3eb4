// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Statistics
import TestSupport
import Testing

@testable import Quantization

@Suite struct StageTests {
    /// Both ends' inputs over the same number of pairs, features of correlation ρ.
    private func inputs(_ plan: QuantizationPlan, rows: Int, rho: Double, seed: UInt64) -> [QuantizationInput]
    {
        var noise = Gaussians(seed: seed)
        let x = noise.array(rows * 4)
        let y = noise.partner(of: x, rho: rho)
        return [(x, Party.Role.initiator), (y, .responder)].map { values, role in
            let features = FeatureMatrix(rows: rows, columns: 4, values: values.map { Float($0) })
            return QuantizationInput(
                streams: ComponentStreams(published: features, plan: plan, role: role), plan: plan,
                pairs: rows)
        }
    }

    private func run(
        _ inputs: [QuantizationInput]
    ) async throws -> (blocks: [QuantizedBlock], ledgers: [SecrecyLedger]) {
        let (left, right) = Loopback.pair()
        let ledgers = [SecrecyLedger(), SecrecyLedger()]
        let alice = Party(
            role: .initiator, link: left, ledger: ledgers[0], random: SeededRandomSource(seed: 1))
        let bob = Party(
            role: .responder, link: right, ledger: ledgers[1], random: SeededRandomSource(seed: 2))
        async let first = QuantizationStage().run(inputs[0], as: alice)
        async let second = QuantizationStage().run(inputs[1], as: bob)
        return (try await [first, second], ledgers)
    }

    @Test(arguments: [QuantizationPlan.Labels.helper, .equiprobable], [0, 64])
    func `both ends agree on everything public, and disagree as commissioned`(
        labels: QuantizationPlan.Labels, segmentLength: Int
    ) async throws {
        let plan = SamplePlan.plan(labels: labels, segmentLength: segmentLength)
        let (blocks, ledgers) = try await run(inputs(plan, rows: 20_100, rho: 0.95, seed: 7))
        let (a, b) = (blocks[0], blocks[1])
        #expect(a.layout == b.layout)
        #expect(a.rawKey.frames == b.rawKey.frames && a.rawKey.bits.count == b.rawKey.bits.count)
        #expect(a.rawKey.logLikelihoods.isEmpty && b.rawKey.logLikelihoods.count == b.rawKey.bits.count)
        let errors = a.rawKey.bits ^ b.rawKey.bits
        for frame in a.rawKey.frames {
            let wrong = frame.range.filter { errors[$0] }.count
            let n = Double(frame.range.count)
            #expect(
                abs(Double(wrong) / n - frame.errorRate) < 5 * (frame.errorRate / n).squareRoot() + 1.5 / n)
        }
        // Balanced frames: the zero leakage's s is uniform.
        for frame in a.rawKey.frames {
            let ones = frame.range.filter { a.rawKey.bits[$0] }.count
            let n = Double(frame.range.count)
            let deviation = abs(Double(ones) / n - 0.5)
            #expect(deviation < 2.5 / n.squareRoot() + 0.01)
        }
        #expect(ledgers[0].account == ledgers[1].account)
        let segments = segmentLength == 0 ? 0 : (20_000 + 63) / 64 + 1
        #expect(ledgers[0].otherLeak == Double(4 * segments))
        let symbols = a.symbols.reduce(0) { $0 + $1.count }
        #expect(symbols == a.layout.symbolCount)
        // Three bits for each helper value behind a header of five bytes.
        let helperBytes = ledgers[0].account.filter { $0.kind == .helperData }.reduce(0) { $0 + $1.bytes }
        #expect(helperBytes == (labels == .helper ? (3 * symbols + 7) / 8 + 5 : 0))
    }

    @Test(arguments: [QuantizationPlan.Labels.helper, .equiprobable])
    func `likelihoods say how sure the decided bits are`(labels: QuantizationPlan.Labels) async throws {
        let plan = SamplePlan.plan(labels: labels)
        let (blocks, _) = try await run(inputs(plan, rows: 10_100, rho: 0.95, seed: 8))
        let (a, b) = (blocks[0].rawKey, blocks[1].rawKey)
        var differing = 0
        var byStrength = [(wrong: Int, count: Int, expected: Double)](repeating: (0, 0, 0), count: 4)
        for index in 0..<b.bits.count {
            let ratio = Int(b.logLikelihoods[index])
            #expect(abs(ratio) <= 100)
            // Positive for 0. A hard decision by cells may differ where the bit is all but undecided.
            if ratio != 0, (ratio < 0) != b.bits[index] { differing += abs(ratio) > 4 ? 1 : 0 }
            let wrong = (ratio < 0) != a.bits[index]
            let band = abs(ratio) < 2 ? 0 : abs(ratio) < 5 ? 1 : abs(ratio) < 10 ? 2 : 3
            byStrength[band].count += 1
            byStrength[band].wrong += wrong ? 1 : 0
            byStrength[band].expected += 1 / (1 + exp(Double(abs(ratio)) / 3))
        }
        #expect(differing == 0)
        // Calibrated: errors in each band of strength are as many as the ratios promise.
        for band in byStrength where band.count > 500 {
            let deviation = abs(Double(band.wrong) - band.expected)
            let allowed = 6 * band.expected.squareRoot() + 0.05 * band.expected + 5
            #expect(deviation < allowed)
        }
    }

    @Test func `a layout covers each bit once, in the order of components, label bits and rows`() {
        for (segmentLength, stride) in [(0, 1), (0, 3), (64, 1), (64, 5)] {
            let plan = SamplePlan.plan(stride: stride, segmentLength: segmentLength)
            let classes = segmentLength > 0 ? (0..<40).map { $0 % 3 } : []
            let layout = SymbolLayout(
                plan: plan, keyed: 10..<350, pairsPerRow: stride, segmentClasses: classes)
            var next = 0
            for frame in layout.frames {
                #expect(frame.range.lowerBound == next && !frame.range.isEmpty)
                next = frame.range.upperBound
            }
            #expect(next == layout.bitCount)
            #expect(
                layout.bitCount == zip(plan.components, layout.rows).reduce(0) { $0 + $1.0.bits * $1.1.count }
            )
            #expect(layout.symbolCount == layout.rows.reduce(0) { $0 + $1.count })
            for (component, rows) in zip(plan.components, layout.rows) {
                #expect(
                    rows.allSatisfy { (10..<350).contains($0) }
                        && zip(rows, rows.dropFirst()).allSatisfy { $0 < $1 })
                if segmentLength == 0 {
                    #expect(rows == Array(10..<350))
                } else {
                    #expect(
                        rows
                            == (10..<350).filter {
                                $0 * stride / 64 < 40 && classes[$0 * stride / 64] == component.segmentClass
                            })
                }
            }
        }
        let none = SymbolLayout(plan: SamplePlan.plan(), keyed: 5..<5, pairsPerRow: 1, segmentClasses: [])
        #expect(none.bitCount == 0 && none.frames.isEmpty)
    }

    /// The label's most significant bit first, as the frames' rates say.
    @Test func `bits lie where the layout says`() async throws {
        let plan = SamplePlan.plan()
        let (blocks, _) = try await run(inputs(plan, rows: 300, rho: 0.999, seed: 9))
        var place = 0
        for (component, symbols) in zip(plan.components, blocks[0].symbols) {
            for plane in 0..<component.bits {
                for symbol in symbols {
                    let label = Int(symbol) ^ (Int(symbol) >> 1)
                    #expect(blocks[0].rawKey.bits[place] == (label >> (component.bits - 1 - plane) & 1 == 1))
                    place += 1
                }
            }
        }
    }

    /// What a hostile initiator may say, and what the responder makes of it.
    private func answer(
        _ messages: [[UInt8]], to plan: QuantizationPlan, rows: Int = 110
    ) async -> QWaveError.Code? {
        let input = inputs(plan, rows: rows, rho: 0.9, seed: 10)[1]
        let (left, right) = Loopback.pair()
        let party = Party(
            role: .responder, link: right, ledger: SecrecyLedger(), random: SeededRandomSource(seed: 1))
        do throws(QWaveError) {
            for message in messages { try await left.send(message) }
            await left.close()
            _ = try await QuantizationStage().run(input, as: party)
            return nil
        } catch {
            return error.code
        }
    }

    /// Ten keyed rows, three components, three helper bits each.
    @Test func `hostile helper data end the session with one code`() async {
        func counted(_ kind: UInt8, _ count: UInt32, _ bytes: [UInt8]) -> [UInt8] {
            var writer = ByteWriter()
            writer.write(kind)
            writer.write(count)
            writer.write(bytes)
            return writer.bytes
        }
        /// So many helper values 5, three bits each.
        func fives(_ count: Int) -> [UInt8] {
            var bits = BitString(count: (3 * count + 7) / 8 * 8)
            for index in 0..<count {
                bits[3 * index] = true
                bits[3 * index + 2] = true
            }
            return bits.bytes
        }
        let good = fives(30)
        let plan = SamplePlan.plan()
        #expect(await answer([counted(0x11, 30, good)], to: plan) == nil)
        #expect(await answer([counted(0x11, 20, fives(20)), counted(0x11, 10, fives(10))], to: plan) == nil)
        let hostile: [[[UInt8]]] = [
            [[]], [[0x11]], [[0x10, 0, 0, 0, 0]], [counted(0x12, 30, good)], [counted(0x11, 31, fives(31))],
            [counted(0x11, 29, good)], [counted(0x11, 30, Array(good.dropLast()))], [counted(0x11, 0, [])],
            [counted(0x11, .max, good)], [counted(0x11, 30, good + [0])],
            // Bits behind the last value.
            [counted(0x11, 30, Array(good.dropLast()) + [good[good.count - 1] | 0x80])],
            [counted(0x11, 20, fives(20)), counted(0x11, 11, fives(11))],
        ]
        for messages in hostile {
            #expect(await answer(messages, to: plan) == .protocolViolation, "\(messages)")
        }
        #expect(await answer([], to: plan) == .linkClosed)
        #expect(await answer([counted(0x11, 20, fives(20))], to: plan) == .linkClosed)
    }

    /// A perfect engine: hands over the initiator's bits of each stage.
    @Test func `label bits stage by stage are the raw key, and cost what the staged entropies say`()
        async throws
    {
        let plan = SamplePlan.plan(correlation: 0.97)
        let (blocks, _) = try await run(inputs(plan, rows: 20_100, rho: 0.97, seed: 21))
        var alice = StagedKey(blocks[0])
        var bob = StagedKey(blocks[1])
        var told: [Double] = []
        var differing = 0
        while let key = alice.next() {
            let seen = try #require(bob.next())
            #expect(key.frames == seen.frames && key.bits.count == seen.bits.count)
            #expect(key.logLikelihoods.isEmpty)
            for frame in key.frames {
                let cost = frame.range.reduce(0.0) { sum, bit in
                    let ratio = Double(seen.logLikelihoods[bit]) / 3
                    // The hard bit is the sign of the likelihood.
                    if ratio != 0 { #expect(seen.bits[bit] == (ratio < 0)) }
                    return sum + log2(1 + exp(key.bits[bit] ? ratio : -ratio))
                }
                told.append(cost / Double(frame.range.count))
            }
            differing += key.bits.distance(to: seen.bits)
            alice.take(key.bits)
            bob.take(key.bits)
        }
        #expect(bob.next() == nil && differing > 0)
        #expect(alice.bits == blocks[0].rawKey.bits && bob.bits == blocks[0].rawKey.bits)
        // Components of 3, 1 and 2 bits: stages hold (1), (1, 1) and (1, 1, 1) of them; the sum is H(S|W,Y).
        #expect(told.count == 6)
        let whole = told.reduce(0, +)
        let cells = [3, 1, 2].reduce(0.0) { $0 + Self.uncertainty(bits: $1, helperBits: 3, rho: 0.97) }
        #expect(abs(whole - cells) < 0.05, "\(whole) for \(cells)")
    }

    /// H(S|W,Y) of a normal pair by plain summation over a grid of x and y.
    static func uncertainty(bits: Int, helperBits: Int, rho: Double) -> Double {
        let spread = (1 - rho * rho).squareRoot()
        let cells = 1 << (bits + helperBits)
        let edges =
            [-Double.infinity] + (1..<cells).map { Normal.quantile(Double($0) / Double(cells)) } + [.infinity]
        var sum = 0.0
        for step in -600...600 {
            let y = Double(step) * 0.01
            var groups = [[Double]](repeating: [], count: 1 << helperBits)
            for cell in 0..<cells {
                groups[cell % (1 << helperBits)].append(
                    Normal.cumulative((edges[cell + 1] - rho * y) / spread)
                        - Normal.cumulative((edges[cell] - rho * y) / spread))
            }
            for group in groups {
                let total = group.reduce(0, +)
                for p in group where p > 0 { sum -= 0.01 * Normal.density(y) * p * log2(p / total) }
            }
        }
        return sum
    }

    @Test func `hostile segment classes end the session with one code`() async {
        let plan = SamplePlan.plan(segmentLength: 64)
        // 110 pairs make two segments; class 7 carries no component, so no helper data follow.
        func classes(_ bytes: [UInt8]) -> [UInt8] { [0x10, 0, 0, 0, UInt8(bytes.count)] + bytes }
        #expect(await answer([classes([7, 7])], to: plan) == nil)
        for bytes: [UInt8] in [[], [7], [7, 7, 7], [7, 16], [255, 0]] {
            #expect(await answer([classes(bytes)], to: plan) == .protocolViolation)
        }
        #expect(await answer([[0x11, 0, 0, 0, 2, 7, 7]], to: plan) == .protocolViolation)
        #expect(await answer([[0x10, 255, 255, 255, 255, 7, 7]], to: plan) == .protocolViolation)
    }
}
