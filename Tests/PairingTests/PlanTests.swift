// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Quantization
import TestSupport
import Testing

@testable import Pairing

/// A peer's plan that isn't the one that the published samples give.
@Suite struct PlanTests {
    private static let changes: [(String, @Sendable (inout QuantizationPlan) -> Void)] = [
        ("a smaller memory charge", { $0.model.components[0].memoryCharge *= 0.9 }),
        ("a smaller charge for Eve", { $0.model.components[0].eveCharge *= 0.9 }),
        (
            "one charge moved to another",
            {
                $0.model.components[0].memoryCharge -= 0.01
                $0.model.components[0].deficit += 0.01
            }
        ),
        ("a smaller error-pattern charge", { $0.model.components[0].errorPatternCharge -= 1e-4 }),
        ("a smaller multiple correlation", { $0.model.components[0].memoryCorrelation *= 0.9 }),
        ("a higher lower bound", { $0.model.components[0].correlationLowerBound += 1e-3 }),
        ("another correlation", { $0.components[0].correlation -= 1e-3 }),
        ("another disagreement", { $0.model.components[0].errorRates[0] += 1e-4 }),
        ("another name", { $0.model.components[0].name = "x" }),
        ("another class", { $0.components[0].segmentClass = 15 }),
        ("another mean", { $0.responderMap.mean[0] += 1 }),
        ("the initiator's other mean", { $0.initiatorMap.mean[0] += 1 }),
        ("marginals of somebody else", { $0.initiatorMarginals = $0.responderMarginals }),
        ("another trend", { $0.trend.window += 2 }),
        ("another floor", { $0.trend.scaleFloor *= 1.1 }),
        ("another class base", { $0.classBase *= 1.1 }),
        ("fewer commissioned pairs", { $0.commissionedPairs -= 1 }),
        ("another segment length", { $0.segmentLength = 64 }),
        ("another stride", { $0.stride = 2 }),
        ("other labels", { $0.labels = .equiprobable }),
    ]

    private func plan() async throws -> QuantizationPlan {
        let ending = try await Bench().run(FlipTests.captures)
        return try #require(ending.initiator.outcome?.statistics.plan)
    }

    @Test func `a plan is equivalent to itself through its encoding, and to no changed one`() async throws {
        let plan = try await plan()
        let copy = try SessionJSON.decode(
            QuantizationPlan.self, try SessionJSON.encode(plan), what: "plan")
        #expect(copy.isEquivalent(to: plan))
        for (name, change) in Self.changes {
            var other = plan
            change(&other)
            #expect(!other.isEquivalent(to: plan) && !plan.isEquivalent(to: other), "\(name)")
        }
    }

    /// The initiator's plan changed on its way, or by her.
    private func smuggle(_ change: @escaping @Sendable (inout QuantizationPlan) -> Void) async throws -> (
        initiator: Ending, responder: Ending, hung: Bool
    ) {
        let wire = Wire { said in
            guard said.bytes.first == SessionMessage.plan else { return .pass(said.bytes) }
            do {
                var plan = try SessionJSON.decode(
                    QuantizationPlan.self, Array(said.bytes[9...]), what: "plan")
                change(&plan)
                let body = try SessionJSON.encode(plan)
                var writer = ByteWriter()
                writer.write(SessionMessage.plan)
                writer.write(UInt64(body.count))
                writer.write(body)
                return .pass(writer.bytes)
            } catch { return .cut }
        }
        return try await Bench().run(FlipTests.captures, over: wire)
    }

    @Test(arguments: [0, 3, 12])
    func `a responder refuses a plan that differs from his own`(change: Int) async throws {
        let ending = try await smuggle(Self.changes[change].1)
        #expect(!ending.hung && ending.initiator.code == .linkClosed)
        #expect(ending.responder.refusals.contains { $0.contains("different models") })
    }

    @Test func `a plan whose sizes make no sense is a violation, never a trap`() async throws {
        let nonsense: [@Sendable (inout QuantizationPlan) -> Void] = [
            { $0.timeBlock = .max }, { $0.timeBlock = 0 }, { $0.stride = 0 }, { $0.stride = .min },
            { $0.components[0].source = 7 }, { $0.components[0].bits = 60 }, { $0.trend.window = .max },
            { $0.initiatorMap.mean = [] }, { $0.model.components = [] }, { $0.segmentLength = .min },
        ]
        for (index, change) in nonsense.enumerated() {
            let ending = try await smuggle(change)
            #expect(!ending.hung && ending.responder.code == .protocolViolation, "\(index)")
            #expect(ending.initiator.code == .linkClosed, "\(index)")
        }
    }
}
