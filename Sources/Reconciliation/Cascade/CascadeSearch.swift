// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels
internal import QWaveCore

/// One end's search: which parities are asked, what the answers say, and this end's own parities.
///
/// The work is done by the C core (`qw_cascade.h`), which wipes all that depends on the key when it goes. The
/// owners are value types: they copy the search before they change it, unless it is theirs alone.
@safe
final class CascadeSearch: @unchecked Sendable {
    // Changed only behind a uniqueness check by the one machine that holds it.
    let core: OpaquePointer
    let plan: CascadePlan
    let parityLimit: Int
    let roundLimit: Int

    /// - Parameters:
    ///   - seed: the block's public randomness.
    ///   - corrects: true at the responder.
    ///   - kernel: 0 for this machine's fastest kernels, 1 for the generic ones.
    ///   - isUniform: true to draw the order of each pass bit by bit, to compare with.
    init(
        _ key: BitString, plan: CascadePlan, options: Cascade, seed: UInt64, corrects: Bool,
        kernel: Int32 = 0,
        isUniform: Bool = false
    ) throws(QWaveError) {
        self.plan = plan
        parityLimit = options.parityLimit(bits: plan.bitCount)
        roundLimit = max(1, options.maximumRounds)
        let groups = Self.groups(plan)
        var settings = Self.settings(
            plan, passes: groups.passes, limits: (parityLimit, roundLimit), corrects: corrects)
        settings.uniform = isUniform ? 1 : 0
        let made = unsafe withUnsafePointer(to: settings) { settings in
            unsafe groups.list.withUnsafeBufferPointer { list in
                unsafe qw_cascade_create(settings, list.baseAddress, kernel)
            }
        }
        guard let made = unsafe made else { throw Self.noMemory }
        unsafe core = made
        key.withWords { words in
            unsafe words.withUnsafeBufferPointer { words in
                for group in plan.groups {
                    for range in group.ranges {
                        unsafe qw_cascade_load(core, words.baseAddress, range.lowerBound, range.count)
                    }
                }
            }
        }
        unsafe qw_cascade_begin(core, seed)
        try checkMemory()
    }

    private init(copying other: CascadeSearch) throws(QWaveError) {
        guard let copy = unsafe qw_cascade_copy(other.core) else { throw Self.noMemory }
        unsafe core = copy
        plan = other.plan
        parityLimit = other.parityLimit
        roundLimit = other.roundLimit
    }

    deinit { unsafe qw_cascade_destroy(core) }

    func copy() throws(QWaveError) -> CascadeSearch { try CascadeSearch(copying: self) }

    private static let noMemory = QWaveError(.internalFault, "there is no memory for Cascade's search")

    private func checkMemory() throws(QWaveError) {
        if unsafe qw_cascade_state(core) == QW_CASCADE_NO_MEMORY.rawValue { throw Self.noMemory }
    }

    private static func groups(_ plan: CascadePlan) -> (list: [qw_cascade_group], passes: Int) {
        let levels = plan.groups.map {
            plan.schedule.levels(firstLevel: $0.level, errorRate: $0.errorRate)
        }
        let passes = levels.reduce(1) { max($0, $1.count) }
        let list = zip(plan.groups, levels).map { group, levels in
            var result = qw_cascade_group()
            result.bits = UInt32(group.count)
            result.pairs = plan.schedule.isPaired(level: group.level, errorRate: group.errorRate) ? 1 : 0
            unsafe withUnsafeMutableBytes(of: &result.levels) { bytes in
                for pass in 0..<passes {
                    // Where other groups have a pass more, these have one of larger blocks.
                    let last = levels[levels.count - 1] + 3
                    let level = pass < levels.count ? levels[pass] : last
                    unsafe bytes[pass] = UInt8(min(level, CascadePlan.maximumLevel))
                }
            }
            return result
        }
        return (list, passes)
    }

    private static func settings(
        _ plan: CascadePlan, passes: Int, limits: (parities: Int, rounds: Int), corrects: Bool
    ) -> qw_cascade_settings {
        var settings = qw_cascade_settings()
        settings.passes = UInt32(passes)
        settings.groups = UInt32(plan.groups.count)
        settings.tail = UInt32(plan.schedule.tailParities)
        settings.streak = UInt32(plan.schedule.streak)
        settings.parallel = UInt32(plan.schedule.parallelSubsets)
        settings.complement = plan.schedule.variant == .biconf ? 1 : 0
        settings.overlap = UInt32(plan.schedule.overlap)
        settings.leave_out = UInt32(plan.schedule.leaveOut)
        settings.round_limit = UInt32(truncatingIfNeeded: min(limits.rounds, Int(UInt32.max)))
        settings.parity_limit = UInt64(limits.parities)
        settings.corrects = corrects ? 1 : 0
        return settings
    }

    /// How many parities are asked now; 0 when the search is over.
    var questionCount: Int { unsafe qw_cascade_questions(core) }
    /// Messages each way so far, the one that is due included.
    var rounds: Int { Int(unsafe qw_cascade_rounds(core)) }
    var asked: Int { Int(unsafe qw_cascade_asked(core)) }
    var corrected: Int { Int(unsafe qw_cascade_corrected(core)) }

    /// A message of the given bytes and this end's parities.
    func say(header: [UInt8]) -> [UInt8] {
        var message = [UInt8](repeating: 0, count: header.count + (questionCount + 7) / 8)
        unsafe message.withUnsafeMutableBufferPointer { buffer in
            for index in 0..<header.count { unsafe buffer[index] = header[index] }
            if let base = buffer.baseAddress { unsafe qw_cascade_say(core, base + header.count) }
        }
        return message
    }

    /// A message of one type byte and this end's parities.
    func say(type: UInt8, in buffers: inout CascadeBuffers) -> [UInt8] {
        unsafe buffers.message(type, count: 1 + (questionCount + 7) / 8) { parities in
            unsafe qw_cascade_say(core, parities)
        }
    }

    /// A message of one type byte and of where this end's parities differ from those in `theirs`, at `offset`.
    func answer(type: UInt8, _ theirs: [UInt8], at offset: Int, in buffers: inout CascadeBuffers) -> [UInt8] {
        unsafe buffers.message(type, count: 1 + (questionCount + 7) / 8) { errors in
            unsafe theirs.withUnsafeBufferPointer { theirs in
                if let source = theirs.baseAddress { unsafe qw_cascade_answer(core, source + offset, errors) }
            }
        }
    }

    /// Takes the parities of the errors that are left, which start at `offset`, one for each question.
    func take(_ errors: [UInt8], at offset: Int) throws(QWaveError) {
        precondition(errors.count == offset + (questionCount + 7) / 8, "an answer for each question")
        unsafe errors.withUnsafeBufferPointer { errors in
            if let base = errors.baseAddress { unsafe qw_cascade_take(core, base + offset) }
        }
        try checkMemory()
    }

    /// The key as corrected; to be asked once.
    func correctedKey() -> BitString {
        var bits = BitString(count: plan.bitCount)
        bits.withMutableWords { words in
            unsafe words.withUnsafeMutableBufferPointer { words in
                for group in plan.groups {
                    for range in group.ranges {
                        unsafe qw_cascade_unload(core, words.baseAddress, range.lowerBound, range.count)
                    }
                }
            }
        }
        return bits
    }

    /// What to tell when the search gave up.
    var refusal: QWaveError? {
        switch UInt32(unsafe qw_cascade_state(core)) {
        case QW_CASCADE_TOO_MANY_PARITIES.rawValue:
            QWaveError(
                .refused,
                "Cascade gave up: correcting the block would tell more than \(parityLimit) bits of \(plan.bitCount), "
                    + "so no key would be left; the keys disagree far more than the frames' error rates say")
        case QW_CASCADE_TOO_MANY_ROUNDS.rawValue:
            QWaveError(
                .refused,
                "Cascade gave up after \(roundLimit) messages each way; allow more rounds or check the error rates"
            )
        default: nil
        }
    }
}
