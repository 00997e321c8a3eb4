// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore

extension SampleQuantization {
    /// Both say which samples they have bits of, and keep what both have.
    func keepCommon(_ own: [Bool?], _ party: Party) async throws(QWaveError) -> SampleBits {
        let theirs = try await exchangePlaces(BitString(own.map { $0 != nil }), party)
        var bits = BitString()
        for (index, bit) in own.enumerated() {
            if let bit, theirs[index] { bits.append(bit) }
        }
        return SampleBits(bits, keptSamples: bits.count)
    }

    func cross(
        _ quantizer: LevelCrossingQuantizer, _ samples: [Double], _ party: Party
    ) async throws(QWaveError) -> SampleBits {
        switch party.role {
        case .initiator:
            let excursions = quantizer.excursions(of: samples)
            var said = BitString(count: samples.count)
            for excursion in excursions { said[excursion.center] = true }
            try await send(places: said, party)
            let kept = try await receivePlaces(count: excursions.count, party)
            let bits = BitString(
                excursions.enumerated().filter { kept[$0.offset] }.map(\.element.isAbove))
            return SampleBits(bits, keptSamples: bits.count)
        case .responder:
            let said = try await receivePlaces(count: samples.count, party)
            let own = quantizer.bits(of: samples, at: (0..<said.count).filter { said[$0] })
            try await send(places: BitString(own.map { $0 != nil }), party)
            let bits = BitString(own.compactMap(\.self))
            return SampleBits(bits, keptSamples: bits.count)
        }
    }

    func adapt(
        _ quantizer: AdaptiveMultibitQuantizer, bits: Int?, _ samples: [Double], _ party: Party
    ) async throws(QWaveError) -> SampleBits {
        let length = quantizer.block
        let starts = stride(from: 0, through: samples.count - length, by: length)
        var widths = starts.map { UInt8(bits ?? quantizer.bits(of: samples[$0..<$0 + length])) }
        if bits == nil {
            let most = UInt8(AdaptiveMultibitQuantizer.maximumBits)
            // 0 to 8 for each block, each way.
            let charge = Disclosure(.blockBits, bits: Double(widths.count) * log2(Double(most) + 1))
            let own = widths
            if party.role == .initiator { try await tell(own, charging: charge, party) }
            let theirs = try await hear(count: own.count, below: most, charging: charge, party)
            if party.role == .responder { try await tell(own, charging: charge, party) }
            widths = zip(own, theirs).map(min)
        }
        var result = BitString()
        var kept = 0
        for (start, width) in zip(starts, widths) where width > 0 {
            kept += length
            for index in quantizer.indices(of: samples[start..<start + length], bits: Int(width)) {
                Self.append(quantizer.label(index), bits: Int(width), to: &result)
            }
        }
        return SampleBits(result, keptSamples: kept)
    }

    func label(_ block: SampleBlock, bits: Int, isSoft: Bool, _ party: Party) -> SampleBits {
        let quantizer = EquiprobableQuantizer(bits: bits)
        var result = BitString()
        var likelihoods: [Int8] = []
        for score in block.samples {
            Self.append(quantizer.label(quantizer.symbol(score)), bits: bits, to: &result)
            if isSoft {
                likelihoods += Self.fixed(
                    quantizer.logLikelihoods(score: score, correlation: block.correlation))
            }
        }
        return SampleBits(result, logLikelihoods: likelihoods, keptSamples: block.samples.count)
    }

    func classify(
        _ quantizer: BinClassQuantizer, _ samples: [Double], _ party: Party
    ) async throws(QWaveError) -> SampleBits {
        let bins = samples.map(quantizer.bin)
        let free = Disclosure(.helperData, bits: 0)
        var classes = bins.map { UInt8(quantizer.publicBit($0)) }
        if party.role == .initiator {
            try await tell(classes, charging: free, party)
        } else {
            classes = try await hear(count: bins.count, below: 1, charging: free, party)
        }
        var result = BitString()
        for (bin, e) in zip(bins, classes) {
            Self.append(quantizer.label(bin, publicBit: Int(e)), bits: quantizer.bits, to: &result)
        }
        return SampleBits(result, keptSamples: samples.count)
    }

    func help(
        _ quantizer: QuantileHelperQuantizer, _ block: SampleBlock, _ party: Party
    ) async throws(QWaveError) -> SampleBits {
        let free = Disclosure(.helperData, bits: 0)
        var result = BitString()
        if party.role == .initiator {
            var helpers: [UInt8] = []
            for score in block.samples {
                let (symbol, helper) = quantizer.split(score)
                helpers.append(UInt8(helper))
                Self.append(quantizer.label(symbol), bits: quantizer.bits, to: &result)
            }
            try await tell(helpers, charging: free, party)
            return SampleBits(result, keptSamples: block.samples.count)
        }
        let helpers = try await hear(
            count: block.samples.count, below: UInt8((1 << quantizer.helperBits) - 1), charging: free, party)
        var likelihoods: [Int8] = []
        for (score, helper) in zip(block.samples, helpers) {
            let symbol = quantizer.decide(score: score, helper: Int(helper), correlation: block.correlation)
            Self.append(quantizer.label(symbol), bits: quantizer.bits, to: &result)
            likelihoods += Self.fixed(
                quantizer.logLikelihoods(
                    score: score, helper: Int(helper), correlation: block.correlation))
        }
        return SampleBits(result, logLikelihoods: likelihoods, keptSamples: block.samples.count)
    }

    /// A label's bits, most significant first.
    static func append(_ label: Int, bits: Int, to string: inout BitString) {
        for plane in (0..<bits).reversed() { string.append(label >> plane & 1 == 1) }
    }

    /// Ratios of a label's bits (least significant first) in units of 1/3 nat, most significant first.
    private static func fixed(_ ratios: [Double]) -> [Int8] {
        ratios.reversed().map { Int8(max(-100, min(100, ($0 * 3).rounded()))) }
    }
}
