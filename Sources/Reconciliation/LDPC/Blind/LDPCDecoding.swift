// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels
internal import QWaveCore

/// The responder's frames on their way to the initiator's.
struct LDPCDecoding: Sendable {
    private let plan: LDPCPlan
    private var frames: LDPCFrames
    /// How sure the sample was of each code bit, frame by frame: negative where it speaks against the own bit.
    private var trust: [Int8]
    /// Values of `trust` from one frame to the next, apart in the cache like the frames' words.
    private var trustStride: Int { 64 * frames.stride }
    private var hashes: [UInt64]
    /// Sums of the error pattern: the initiator's and the own ones.
    private var sums: [UInt64]
    /// Rounds so far, and iterations of a try in this one.
    private var tries = 0
    private var iterations = 0

    /// Hard bits aren't trusted more than this, so that a wrong estimate can still be outvoted.
    private static let hardLimit = 22
    /// What stands for a bit that both ends know.
    private static let certain: Int8 = 127

    init(_ key: RawKey, plan: LDPCPlan, seed: UInt64) {
        self.plan = plan
        frames = LDPCFrames(key, plan: plan, seed: seed)
        hashes = [UInt64](repeating: 0, count: plan.frameCount)
        sums = [UInt64](repeating: 0, count: plan.frameCount * LDPCSums(plan, level: 0).stride)
        trust = Self.trust(key, frames)
    }

    private static func trust(_ key: RawKey, _ frames: LDPCFrames) -> [Int8] {
        let plan = frames.plan
        var ofBit = [Int8](repeating: 0, count: key.bits.count)
        let values = key.logLikelihoods
        if values.isEmpty {
            for frame in key.frames {
                let value = magnitude(errorRate: frame.errorRate)
                for bit in frame.range { ofBit[bit] = value }
            }
        } else {
            key.bits.withWords { bits in
                for bit in 0..<ofBit.count {
                    let value = max(-100, min(100, values[bit]))
                    ofBit[bit] = bits[bit >> 6] >> UInt64(bit & 63) & 1 != 0 ? -value : value
                }
            }
        }
        let stride = 64 * frames.stride
        var trust = [Int8](repeating: certain, count: plan.frameCount * stride)
        let interleaver = frames.interleaver
        var next = 0
        for target in interleaver.codeBit {
            var index = Int(target)
            let end = min(next &+ interleaver.frameCount, interleaver.order.count)
            while next < end {
                trust[index] = ofBit[Int(interleaver.order[next])]
                index &+= stride
                next &+= 1
            }
        }
        return trust
    }

    /// The log-likelihood ratio of a hard bit, in units of 1/3 nat.
    static func magnitude(errorRate: Double) -> Int8 {
        var magnitude = 0
        // 3 ln((1-e)/e) > k - 1/2, without a logarithm.
        let ratio = (1 - errorRate) / max(errorRate, 1e-9)
        var power = 1.1813604128656459  // e^(1/6)
        while magnitude < hardLimit, ratio >= power {
            magnitude += 1
            power *= 1.3956124250860895  // e^(1/3)
        }
        return Int8(magnitude)
    }

    /// Takes the open frames' next syndrome bits and tries to decode each: true where it now has its bits.
    mutating func take(_ range: Range<Int>, of open: [Int32], _ bits: inout BitReader) -> [Bool] {
        let coder = LDPCSums(plan, level: plan.level(syndromeBits: range.upperBound))
        for frame in open {
            if range.lowerBound == 0 { hashes[Int(frame)] = bits.read(plan.hashBits) }
            bits.read(into: &sums, base: Int(frame) * coder.stride, range: range)
        }
        let decoder = LDPCDecoder(plan.code, level: coder.level)
        let scales = [100] + plan.tuning.scales.prefix(max(0, tries - plan.tuning.patience))
        iterations = tries == 0 ? plan.tuning.firstIterations : plan.tuning.iterations
        tries += 1
        var block = [UInt64](repeating: 0, count: plan.code.bitCount / 64)
        var values = [Int8](repeating: 0, count: plan.code.bitCount)
        var verdicts: [Bool] = []
        verdicts.reserveCapacity(open.count)
        for start in Swift.stride(from: 0, to: open.count, by: coder.lanes) {
            let group = open[start..<min(start + coder.lanes, open.count)]
            coder.spread(group, of: frames, into: &block)
            coder.add(block, of: group, from: range.lowerBound / plan.rowBits, to: &sums)
            let syndrome = coder.syndrome(group, of: sums)
            var open: UInt64 =
                plan.code.isShifted ? 1 : group.count == 64 ? .max : (1 << UInt64(group.count)) - 1
            for scale in scales where open != 0 {
                load(group, scale: scale, into: &values)
                decoder.load(values.span)
                open &= ~attempt(group, lanes: open, syndrome: syndrome, decoder, coder)
            }
            for lane in 0..<group.count { verdicts.append(open >> UInt64(lane) & 1 == 0) }
        }
        return verdicts
    }

    /// Decodes from the values that were loaded; returns the lanes that now have the initiator's bits.
    private mutating func attempt(
        _ group: ArraySlice<Int32>, lanes: UInt64, syndrome: [UInt64], _ decoder: LDPCDecoder,
        _ coder: LDPCSums
    ) -> UInt64 {
        decoder.forget()
        let isShifted = plan.code.isShifted
        let outcome = decoder.decode(
            syndrome.span, iterations: iterations, lanes: isShifted ? .max : lanes)
        let found = isShifted ? (outcome.unsatisfied == 0 ? 1 : 0) : lanes & ~outcome.unsatisfied
        if found == 0 { return 0 }
        decoder.withDecisions { coder.gather($0, group, mask: found, into: &frames) }
        var wrong: UInt64 = 0
        for (lane, frame) in group.enumerated() where found >> UInt64(lane) & 1 != 0 {
            if frames.hash(Int(frame)) != hashes[Int(frame)] { wrong |= 1 << UInt64(lane) }
        }
        // A wrong codeword: the frame goes back to what it was.
        if wrong != 0 { decoder.withDecisions { coder.gather($0, group, mask: wrong, into: &frames) } }
        return found & ~wrong
    }

    private func load(_ group: ArraySlice<Int32>, scale: Int, into values: inout [Int8]) {
        // Hundredths, rounded; what is certain stays so.
        var table = [Int8](repeating: Self.certain, count: 256)
        for value in -127..<127 {
            let scaled = (abs(value) * scale * plan.code.unit + 150) / 300
            table[value + 128] = Int8(value < 0 ? -min(scaled, 100) : min(scaled, 100))
        }
        table[0] = -100
        if plan.code.isShifted {
            let start = Int(group.first!) * trustStride
            for index in 0..<plan.codeBits { values[index] = table[Int(trust[start + index]) + 128] }
            return
        }
        for (lane, frame) in group.enumerated() {
            let start = Int(frame) &* trustStride
            for column in 0..<plan.codeBits {
                values[column &* 64 &+ lane] = table[Int(trust[start &+ column]) &+ 128]
            }
        }
        for lane in group.count..<64 {
            for column in 0..<plan.codeBits { values[column &* 64 &+ lane] = Self.certain }
        }
    }

    /// Takes the bits of the open frames.
    mutating func reveal(_ open: [Int32], _ bits: inout BitReader) {
        for frame in open {
            for place in 0..<plan.length(of: Int(frame)) {
                frames.setBit(place, of: Int(frame), to: bits.read(1))
            }
        }
    }

    /// The raw key as it stands.
    var corrected: BitString { frames.unshuffled() }

    mutating func wipe() {
        frames.wipe()
        unsafe trust.withUnsafeMutableBytes { unsafe qw_wipe($0.baseAddress, $0.count) }
        unsafe sums.withUnsafeMutableBytes { unsafe qw_wipe($0.baseAddress, $0.count) }
    }
}
