// SPDX-License-Identifier: GPL-3.0-or-later
internal import CFFTW
internal import QWaveCore
internal import Synchronization

/// FFTW's planner keeps global tables and is not safe for concurrent use; executing a plan is.
private let planner = Mutex<Void>(())

/// How hard the planner looks for a fast plan.
public enum PlanningEffort: Sendable {
    /// Heuristics only: planned in microseconds, and the same plan on every run of the same machine.
    case estimate
    /// Times several plans: slower to make, faster to run; the last bits of results may differ between runs.
    case measure
    /// The search that pays: `FFTW_PATIENT` for 64 points, where it finds plans a fifth faster, `measure` for all
    /// other lengths, where it finds none worth its time.
    case fastest

    func flags(length: Int) -> UInt32 {
        switch self {
        case .estimate: UInt32(FFTW_ESTIMATE)
        case .measure: UInt32(FFTW_MEASURE)
        case .fastest: length == 64 ? UInt32(FFTW_PATIENT) : UInt32(FFTW_MEASURE)
        }
    }
}

/// One single-precision complex FFTW plan with its scratch alignment rule, executable from any task.
@safe
final class ComplexPlan: @unchecked Sendable {
    // The plan is only read after `init`: FFTW promises that the new-array executors are thread-safe.
    private let plan: fftwf_plan
    private let length: Int
    private let inPlace: Bool

    init(length: Int, sign: Int32, inPlace: Bool, effort: PlanningEffort) {
        let count = length * MemoryLayout<IQ>.stride
        let made = unsafe planner.withLock { _ -> OpaquePointer? in
            let input = unsafe fftwf_malloc(count)?.bindMemory(to: fftwf_complex.self, capacity: length)
            let output =
                inPlace
                ? unsafe input
                : unsafe fftwf_malloc(count)?.bindMemory(to: fftwf_complex.self, capacity: length)
            defer {
                unsafe fftwf_free(input)
                if !inPlace { unsafe fftwf_free(output) }
            }
            return unsafe fftwf_plan_dft_1d(Int32(length), input, output, sign, effort.flags(length: length))
        }
        guard let made = unsafe made else {
            preconditionFailure("FFTW has a plan for every length that fits in memory")
        }
        unsafe plan = made
        self.length = length
        self.inPlace = inPlace
    }

    deinit { planner.withLock { _ in unsafe fftwf_destroy_plan(plan) } }

    /// Transforms `length` samples from `input` to `output`; the same memory for an in-place plan.
    ///
    /// Memory that is less aligned than the plan expects goes through an aligned copy.
    func execute(_ input: UnsafeMutablePointer<IQ>, _ output: UnsafeMutablePointer<IQ>) {
        unsafe input.withMemoryRebound(to: fftwf_complex.self, capacity: length) { source in
            unsafe output.withMemoryRebound(to: fftwf_complex.self, capacity: length) { target in
                if unsafe Self.isAligned(source), unsafe Self.isAligned(target) {
                    unsafe fftwf_execute_dft(plan, source, target)
                } else {
                    unsafe executeUnaligned(source, target)
                }
            }
        }
    }

    private static func isAligned(_ pointer: UnsafeMutablePointer<fftwf_complex>) -> Bool {
        unsafe pointer.withMemoryRebound(to: Float.self, capacity: 2) { unsafe fftwf_alignment_of($0) == 0 }
    }

    private func executeUnaligned(
        _ source: UnsafeMutablePointer<fftwf_complex>, _ target: UnsafeMutablePointer<fftwf_complex>
    ) {
        let bytes = length * MemoryLayout<fftwf_complex>.stride
        guard let first = unsafe fftwf_malloc(bytes), let second = unsafe fftwf_malloc(bytes) else {
            preconditionFailure("out of memory for a transform of \(length) samples")
        }
        defer {
            unsafe fftwf_free(first)
            unsafe fftwf_free(second)
        }
        let a = unsafe first.bindMemory(to: fftwf_complex.self, capacity: length)
        let b = inPlace ? unsafe a : unsafe second.bindMemory(to: fftwf_complex.self, capacity: length)
        unsafe a.update(from: source, count: length)
        unsafe fftwf_execute_dft(plan, a, b)
        unsafe target.update(from: b, count: length)
    }
}

/// One double-precision, in-place, real FFTW plan over rows × columns, executable from any task.
@safe
final class RealPlan: @unchecked Sendable {
    // Only read after `init`, as in `ComplexPlan`.
    private let plan: fftw_plan
    private let count: Int

    init(rows: Int, columns: Int, kind: fftw_r2r_kind, effort: PlanningEffort) {
        let made = unsafe planner.withLock { _ -> OpaquePointer? in
            let memory = unsafe fftw_malloc(rows * columns * 8)?
                .bindMemory(to: Double.self, capacity: rows * columns)
            defer { unsafe fftw_free(memory) }
            return rows == 1
                ? unsafe fftw_plan_r2r_1d(Int32(columns), memory, memory, kind, effort.flags(length: columns))
                : unsafe fftw_plan_r2r_2d(
                    Int32(rows), Int32(columns), memory, memory, kind, kind,
                    effort.flags(length: rows * columns))
        }
        guard let made = unsafe made else {
            preconditionFailure("FFTW has a plan for every size that fits in memory")
        }
        unsafe plan = made
        count = rows * columns
    }

    deinit { planner.withLock { _ in unsafe fftw_destroy_plan(plan) } }

    /// Transforms `rows × columns` values where they lie.
    func execute(_ values: UnsafeMutablePointer<Double>) {
        if unsafe fftw_alignment_of(values) == 0 {
            unsafe fftw_execute_r2r(plan, values, values)
            return
        }
        guard let raw = unsafe fftw_malloc(count * 8) else {
            preconditionFailure("out of memory for a transform of \(count) values")
        }
        let copy = unsafe raw.bindMemory(to: Double.self, capacity: count)
        unsafe copy.update(from: values, count: count)
        unsafe fftw_execute_r2r(plan, copy, copy)
        unsafe values.update(from: copy, count: count)
        unsafe fftw_free(raw)
    }
}
