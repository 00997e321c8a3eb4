// SPDX-License-Identifier: GPL-3.0-or-later
internal import CFFTW
internal import Synchronization

/// The plans of one length and effort, each made when it is first asked for and kept for the life of the process.
final class ComplexPlans: Sendable {
    private struct Key: Hashable {
        let length: Int
        let effort: PlanningEffort
    }

    private static let known = Mutex<[Key: ComplexPlans]>([:])

    private let key: Key
    private let forwardPlan = AtomicLazyReference<ComplexPlan>()
    private let inversePlan = AtomicLazyReference<ComplexPlan>()
    private let forwardPlanInPlace = AtomicLazyReference<ComplexPlan>()
    private let inversePlanInPlace = AtomicLazyReference<ComplexPlan>()

    private init(_ key: Key) { self.key = key }

    /// The only set of this length and effort.
    static func shared(length: Int, effort: PlanningEffort) -> ComplexPlans {
        let key = Key(length: length, effort: effort)
        return known.withLock { known in
            if let plans = known[key] { return plans }
            let plans = ComplexPlans(key)
            known[key] = plans
            return plans
        }
    }

    var forward: ComplexPlan { forwardPlan.load() ?? forwardPlan.storeIfNil(plan(FFTW_FORWARD, false)) }
    var inverse: ComplexPlan { inversePlan.load() ?? inversePlan.storeIfNil(plan(FFTW_BACKWARD, false)) }
    var forwardInPlace: ComplexPlan {
        forwardPlanInPlace.load() ?? forwardPlanInPlace.storeIfNil(plan(FFTW_FORWARD, true))
    }
    var inverseInPlace: ComplexPlan {
        inversePlanInPlace.load() ?? inversePlanInPlace.storeIfNil(plan(FFTW_BACKWARD, true))
    }

    private func plan(_ sign: Int32, _ inPlace: Bool) -> ComplexPlan {
        ComplexPlan(length: key.length, sign: sign, inPlace: inPlace, effort: key.effort)
    }
}
