// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Testing

@testable import Quantization

/// A small valid plan and its parts.
enum SamplePlan {
    static let marginals: [MarginalDistribution] = (0..<4).compactMap { seed in
        var noise = Gaussians(seed: UInt64(seed))
        return MarginalDistribution(samples: noise.array(40_000))
    }

    static func component(bits: Int, helperBits: Int, correlation: Double) -> ComponentModel.Component {
        ComponentModel.Component(
            name: "test", bits: bits, helperBits: helperBits, correlation: correlation,
            correlationLowerBound: correlation - 0.02, memoryCorrelation: 0.2, memoryCharge: 0.03,
            eveCharge: 0.1258,
            deficit: 0.01, errorPatternCharge: 0.05,
            errorRates: helperBits > 0
                ? helperErrorRates(bits: bits, helperBits: helperBits, rho: correlation)
                : plainErrorRates(bits: bits, rho: correlation),
            softEntropies: [Double](repeating: 0.25, count: bits))
    }

    /// Four identity features, three components of different sizes.
    static func plan(
        labels: QuantizationPlan.Labels = .helper, stride: Int = 1, segmentLength: Int = 0,
        correlation: Double = 0.95
    ) -> QuantizationPlan {
        let map = LinearMap(mean: [0, 0, 0, 0], selection: [0, 1, 2, 3])
        let helper = labels == .helper ? 3 : 0
        let sizes = [(0, 3), (2, 1), (3, 2)]
        return QuantizationPlan(
            feature: .canonical, trend: TrendRemoval(window: 0), stride: stride, decorrelation: .identity,
            labels: labels, initiatorMap: map, responderMap: map,
            initiatorMarginals: marginals,
            responderMarginals: marginals,
            segmentLength: segmentLength,
            components: sizes.enumerated().map {
                .init(
                    source: $1.0, segmentClass: segmentLength > 0 ? $0 % 2 : nil, bits: $1.1,
                    helperBits: helper,
                    correlation: correlation)
            },
            model: ComponentModel(
                components: sizes.map { component(bits: $0.1, helperBits: helper, correlation: correlation) }),
            commissionedPairs: 100)
    }
}

@Suite struct PlanTests {
    typealias Damage = @Sendable (inout QuantizationPlan) -> Void

    @Test func `a sound plan is accepted, and survives its journey as JSON`() throws {
        for plan in [
            SamplePlan.plan(), SamplePlan.plan(labels: .equiprobable),
            SamplePlan.plan(stride: 3, segmentLength: 64),
        ] {
            try plan.validate(columns: 4)
            let again = try JSONDecoder().decode(QuantizationPlan.self, from: JSONEncoder().encode(plan))
            #expect(again == plan)
        }
    }

    static let damages: [(String, Damage)] = [
        ("stride 0", { $0.stride = 0 }), ("stride −1", { $0.stride = -1 }),
        ("stride max", { $0.stride = .max }),
        ("block 0", { $0.timeBlock = 0 }), ("block max", { $0.timeBlock = .max }),
        ("block min", { $0.timeBlock = .min }),
        ("block 2", { $0.timeBlock = 2 }), ("window", { $0.trend.window = -1 }),
        ("window max", { $0.trend.window = .max }),
        ("scale window", { $0.trend.scaleWindow = .max }), ("scale floor", { $0.trend.scaleFloor = -1 }),
        ("scale floor NaN", { $0.trend.scaleFloor = .nan }), ("mean short", { $0.initiatorMap.mean = [0] }),
        ("mean NaN", { $0.responderMap.mean[2] = .nan }),
        ("no selection", { $0.initiatorMap.selection = [] }),
        ("both kinds", { $0.initiatorMap.weights = [[1, 1, 1, 1]] }),
        ("selection out", { $0.responderMap.selection[1] = 4 }),
        ("selection low", { $0.responderMap.selection[1] = -1 }),
        ("selection twice", { $0.initiatorMap.selection = [0, 0, 2, 3] }),
        (
            "weights twice",
            {
                $0.responderMap = LinearMap(
                    mean: [0, 0, 0, 0], weights: [[Double]](repeating: [1, 0, 0, 0], count: 4))
            }
        ),
        (
            "weight sizes",
            { $0.initiatorMap = LinearMap(mean: [0, 0, 0, 0], weights: [[1], [1], [1], [1]]) }
        ),
        ("fewer outputs", { $0.responderMap.selection = [0, 1, 2] }),
        ("marginal missing", { $0.initiatorMarginals.removeLast() }),
        ("no marginals", { $0.responderMarginals = [] }), ("segment −1", { $0.segmentLength = -1 }),
        ("segment max", { $0.segmentLength = .max }), ("base NaN", { $0.classBase = .nan }),
        ("base 0", { $0.classBase = 0 }),
        ("base ∞", { $0.classBase = .infinity }), ("component gone", { $0.components.removeLast() }),
        ("model gone", { $0.model.components.removeLast() }),
        ("commissioned 0", { $0.commissionedPairs = 0 }),
        ("commissioned max", { $0.commissionedPairs = .max }),
        ("source out", { $0.components[0].source = 4 }),
        ("source low", { $0.components[0].source = -1 }), ("source max", { $0.components[0].source = .max }),
        ("source twice", { $0.components[0].source = $0.components[1].source }),
        (
            "bits 0",
            {
                $0.components[0].bits = 0; $0.model.components[0].bits = 0;
                $0.model.components[0].errorRates = []
            }
        ),
        (
            "bits 9",
            {
                $0.components[0].bits = 9; $0.model.components[0].bits = 9
            }
        ), ("bits max", { $0.components[0].bits = .max }),
        ("bits differ", { $0.components[0].bits = 2 }),
        (
            "helper 7",
            {
                $0.components[1].helperBits = 7; $0.model.components[1].helperBits = 7
            }
        ),
        ("helper −1", { $0.components[1].helperBits = -1 }),
        ("helper differ", { $0.model.components[1].helperBits = 2 }),
        ("ρ 0", { $0.components[2].correlation = 0 }), ("ρ 1", { $0.components[2].correlation = 1 }),
        ("ρ NaN", { $0.components[2].correlation = .nan }),
        ("ρ differs", { $0.model.components[2].correlation = 0.5 }),
        ("bound above", { $0.model.components[2].correlationLowerBound = 0.99 }),
        ("bound NaN", { $0.model.components[2].correlationLowerBound = .nan }),
        ("memory ρ", { $0.model.components[2].memoryCorrelation = 1.1 }),
        ("class 16", { $0.components[0].segmentClass = 16 }),
        ("class −1", { $0.components[0].segmentClass = -1 }),
        ("rates short", { $0.model.components[0].errorRates.removeLast() }),
        ("rate high", { $0.model.components[0].errorRates[0] = 0.6 }),
        ("rate NaN", { $0.model.components[0].errorRates[0] = .nan }),
        ("rate low", { $0.model.components[0].errorRates[0] = -0.1 }),
        ("memory charge", { $0.model.components[0].memoryCharge = -1 }),
        ("memory NaN", { $0.model.components[0].memoryCharge = .nan }),
        ("eve charge", { $0.model.components[0].eveCharge = -0.1 }),
        ("deficit", { $0.model.components[0].deficit = -.infinity }),
        ("pattern", { $0.model.components[1].errorPatternCharge = -1 }),
    ]

    @Test(arguments: damages.indices) func `each damaged field is a protocol violation and no trap`(
        index: Int
    ) {
        let (name, damage) = Self.damages[index]
        var plan = SamplePlan.plan()
        damage(&plan)
        #expect(thrownCode { try plan.validate(columns: 4) } == .protocolViolation, "\(name)")
    }

    @Test func `a plan for other features is a protocol violation`() {
        for columns in [0, 1, 3, 5, 104] {
            #expect(thrownCode { try SamplePlan.plan().validate(columns: columns) } == .protocolViolation)
        }
    }

    /// Damage on the way: what JSON lets through, validation must stop or leave harmless.
    @Test func `damaged JSON is refused by decoding or validation, or does no harm`() throws {
        let text = try #require(String(data: JSONEncoder().encode(SamplePlan.plan()), encoding: .utf8))
        let features = FeatureMatrix(
            rows: 300, columns: 4,
            values: {
                var n = Gaussians(seed: 3); return n.array(1200).map { Float($0) }
            }())
        var random = SplitMixed(seed: 11)
        let pieces = [
            "-", "9999999999", "1e308", "-1e308", "1e-320", "0", "[]", "null", "\"\"", "1e400", ",",
        ]
        var refused = 0
        for _ in 0..<400 {
            var bytes = Array(text.utf8)
            // Cut out a number somewhere and put something else in.
            let start = Int(random.next() % UInt64(bytes.count))
            guard let digit = bytes[start...].firstIndex(where: { (48...57).contains($0) || $0 == 45 }) else {
                continue
            }
            let end =
                bytes[digit...].firstIndex { !(48...57).contains($0) && ![45, 46, 101].contains($0) }
                ?? bytes.count
            bytes.replaceSubrange(
                digit..<end, with: Array(pieces[Int(random.next() % UInt64(pieces.count))].utf8))
            guard let plan = try? JSONDecoder().decode(QuantizationPlan.self, from: Data(bytes)) else {
                refused += 1
                continue
            }
            if let code = thrownCode({ try plan.validate(columns: 4) }) {
                #expect(code == .protocolViolation)
                refused += 1
                continue
            }
            // Accepted: it must run without a trap.
            let streams = ComponentStreams(published: features, plan: plan, role: .initiator)
            let input = QuantizationInput(streams: streams, plan: plan, pairs: 300)
            #expect(input.keyed.upperBound <= 300)
            #expect(streams.scores.allSatisfy { $0.allSatisfy { abs($0) <= 8 } })
        }
        #expect(refused > 100)
    }

    /// Weights of 10³⁰⁸ make infinities and what isn't a number: scores all the same, symbols all the same.
    @Test func `weights beyond all measure still give scores`() throws {
        var plan = SamplePlan.plan()
        plan.initiatorMap = LinearMap(
            mean: [0, 0, 0, 0], weights: (0..<4).map { [1e308, -1e308, 1e308, Double($0)] })
        try plan.validate(columns: 4)
        let features = FeatureMatrix(
            rows: 2, columns: 4, values: [1e30, 1e30, 1e30, 1, -1e30, 1e30, -1e30, 1])
        let streams = ComponentStreams(published: features, plan: plan, role: .initiator)
        #expect(streams.scores.allSatisfy { $0.allSatisfy { abs($0) <= 8 } })
    }

    @Test func `segment classes rise by half an octave and end at fifteen`() {
        var plan = SamplePlan.plan(segmentLength: 64)
        plan.classBase = 2
        #expect(plan.segmentClass(rootMeanSquare: 0) == 0 && plan.segmentClass(rootMeanSquare: 2) == 0)
        #expect(plan.segmentClass(rootMeanSquare: 2.01) == 1 && plan.segmentClass(rootMeanSquare: 2.82) == 1)
        #expect(plan.segmentClass(rootMeanSquare: 2.84) == 2 && plan.segmentClass(rootMeanSquare: 4.01) == 3)
        for value in [1e9, 1e300, .infinity] { #expect(plan.segmentClass(rootMeanSquare: value) == 15) }
        #expect(plan.segmentClass(rootMeanSquare: .nan) == 0)
        plan.classBase = .leastNonzeroMagnitude
        #expect(plan.segmentClass(rootMeanSquare: 1) == 15)
    }

    @Test func `no keyed row holds a commissioning pair`() {
        for stride in [1, 2, 3, 7] {
            for commissioned in [1, 99, 100, 101, 299, 300, 5000, .max] {
                var plan = SamplePlan.plan(stride: stride)
                plan.commissionedPairs = commissioned
                let features = FeatureMatrix(
                    rows: 300, columns: 4, values: [Float](repeating: 1, count: 1200))
                let streams = ComponentStreams(published: features, plan: plan, role: .responder)
                let keyed = QuantizationInput(streams: streams, plan: plan, pairs: 300).keyed
                #expect(keyed.isEmpty || keyed.lowerBound * stride >= commissioned)
                #expect(keyed.upperBound * stride <= 300)
                // The row before would hold one.
                if !keyed.isEmpty { #expect((keyed.lowerBound - 1) * stride < commissioned) }
            }
        }
    }
}

/// A generator of one's own sequence for mutations.
struct SplitMixed {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
