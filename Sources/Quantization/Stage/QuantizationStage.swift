// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// One end's components of a whole capture and the plan that makes symbols of their keyed part.
public struct QuantizationInput: Sendable {
    public let streams: ComponentStreams
    public let plan: QuantizationPlan
    /// The rows that are keyed: none of them holds a commissioning pair.
    public let keyed: Range<Int>

    /// - Parameter pairs: pairs in the capture.
    public init(streams: ComponentStreams, plan: QuantizationPlan, pairs: Int) {
        self.streams = streams
        self.plan = plan
        // The first row that begins behind the commissioned pairs; no sum that a hostile plan could overflow.
        let (whole, rest) = max(plan.commissionedPairs, 0).quotientAndRemainder(
            dividingBy: streams.pairsPerRow)
        let first = rest == 0 ? whole : whole + 1
        let end = min(max(pairs, 0) / streams.pairsPerRow, streams.scores.first?.count ?? 0)
        keyed = min(first, end)..<end
    }

    /// - Parameter keyed: rows of `streams` that hold no commissioning pair.
    public init(streams: ComponentStreams, plan: QuantizationPlan, keyed: Range<Int>) {
        self.streams = streams
        self.plan = plan
        self.keyed = keyed
    }
}

/// The raw key of one end and what its own health tests look at.
public final class QuantizedBlock: Sendable {
    public let rawKey: RawKey
    public let layout: SymbolLayout
    /// The end's own symbols (the responder's as decided), by component: keyed samples, they never leave.
    public let symbols: [[UInt8]]
    /// M of each component.
    let labelBits: [Int]
    /// What the responder saw; nil at the initiator, and where label bits are decoded all at once.
    let observations: SymbolObservations?
    /// True where label bits can be decoded one after the other (`StagedKey`).
    public let isStaged: Bool

    init(
        rawKey: RawKey, layout: SymbolLayout, symbols: [[UInt8]], plan: QuantizationPlan,
        observations: SymbolObservations? = nil
    ) {
        self.rawKey = rawKey
        self.layout = layout
        self.symbols = symbols
        labelBits = plan.components.map(\.bits)
        isStaged = plan.labels == .helper
        self.observations = observations
    }
}

/// Quantization of a block: the initiator publishes segment classes and helper data, both label their symbols.
///
/// What it discloses: four bits for each segment class, charged; B helper bits a symbol, free where the symbol is
/// uniform given them, and the deficit from that is charged with each symbol in the key length.
public struct QuantizationStage: Stage {
    static let classesMessage: UInt8 = 0x10
    static let helperMessage: UInt8 = 0x11
    /// Symbols in one helper message at the most: below 512 KiB.
    static let symbolsPerMessage = 1 << 19

    public init() {}

    public func run(_ block: QuantizationInput, as party: Party) async throws(QWaveError) -> QuantizedBlock {
        let classes = try await shareClasses(block, as: party)
        let layout = SymbolLayout(
            plan: block.plan, keyed: block.keyed, pairsPerRow: block.streams.pairsPerRow,
            segmentClasses: classes)
        switch party.role {
        case .initiator: return try await initiate(block, layout, as: party)
        case .responder: return try await respond(block, layout, as: party)
        }
    }

    private func shareClasses(_ block: QuantizationInput, as party: Party) async throws(QWaveError) -> [Int] {
        guard block.plan.segmentLength > 0 else { return [] }
        let keyedSegments =
            (block.keyed.count * block.streams.pairsPerRow + block.plan.segmentLength - 1)
            / block.plan.segmentLength
        let disclosure = Disclosure(.segmentClass, bits: 4 * Double(keyedSegments + 1))
        switch party.role {
        case .initiator:
            let own = block.streams.segmentClasses
            var writer = ByteWriter()
            writer.write(Self.classesMessage)
            writer.writeCounted(own.map { UInt8($0) })
            try await party.send(writer.bytes, charging: disclosure)
            return own
        case .responder:
            let message = try await party.receive()
            var reader = ByteReader(message, what: "segment classes")
            guard try reader.read(UInt8.self) == Self.classesMessage else {
                throw Self.unexpected("segment classes")
            }
            let classes = try reader.readCounted(limit: block.streams.segmentClasses.count).map(Int.init)
            try reader.finish()
            guard classes.count == block.streams.segmentClasses.count,
                classes.allSatisfy({ $0 < QuantizationPlan.segmentClasses })
            else { throw Self.unexpected("as many segment classes as the capture has") }
            party.charge(received: disclosure, bytes: message.count)
            return classes
        }
    }

    private func initiate(
        _ block: QuantizationInput, _ layout: SymbolLayout, as party: Party
    ) async throws(QWaveError) -> QuantizedBlock {
        var symbols: [[UInt8]] = []
        var bits = BitString(count: layout.bitCount)
        var helpers: [UInt8] = []
        var offset = 0
        for (index, component) in block.plan.components.enumerated() {
            let rows = layout.rows[index]
            let scores = block.streams.scores[component.source]
            let labeler = Labeler(component, block.plan.labels)
            var own = [UInt8](repeating: 0, count: rows.count)
            for (place, row) in rows.enumerated() {
                let (symbol, helper) = labeler.split(scores[row])
                own[place] = UInt8(symbol)
                if component.helperBits > 0 { helpers.append(UInt8(helper)) }
                Self.write(
                    labeler.label(symbol), bits: component.bits, to: &bits, at: offset + place,
                    stride: rows.count)
            }
            offset += rows.count * component.bits
            symbols.append(own)
        }
        let packing = HelperPacking(block.plan, layout)
        for start in stride(from: 0, to: helpers.count, by: Self.symbolsPerMessage) {
            let part = helpers[start..<min(start + Self.symbolsPerMessage, helpers.count)]
            var writer = ByteWriter()
            writer.write(Self.helperMessage)
            writer.write(UInt32(part.count))
            writer.write(packing.pack(part))
            // Free where the symbol is uniform given w; the measured deficit is charged in the key length.
            try await party.send(writer.bytes, charging: Disclosure(.helperData, bits: 0))
        }
        return QuantizedBlock(
            rawKey: RawKey(bits: bits, frames: layout.frames), layout: layout, symbols: symbols,
            plan: block.plan)
    }

    private func respond(
        _ block: QuantizationInput, _ layout: SymbolLayout, as party: Party
    ) async throws(QWaveError) -> QuantizedBlock {
        var helpers: [UInt8] = []
        let packing = HelperPacking(block.plan, layout)
        let expected = packing.widths.count
        while helpers.count < expected {
            let message = try await party.receive()
            var reader = ByteReader(message, what: "helper data")
            guard try reader.read(UInt8.self) == Self.helperMessage else {
                throw Self.unexpected("helper data")
            }
            let count = Int(try reader.read(UInt32.self))
            guard count >= 1, count <= min(Self.symbolsPerMessage, expected - helpers.count) else {
                throw Self.unexpected("as many helper values as symbols are open")
            }
            let range = helpers.count..<helpers.count + count
            let bytes = try reader.read(count: packing.byteCount(range))
            try reader.finish()
            guard let part = packing.unpack(bytes, range) else {
                throw Self.unexpected("helper data within B bits")
            }
            helpers.append(contentsOf: part)
            party.charge(received: Disclosure(.helperData, bits: 0), bytes: message.count)
        }
        var symbols: [[UInt8]] = []
        var bits = BitString(count: layout.bitCount)
        var likelihoods = [Int8](repeating: 0, count: layout.bitCount)
        var seen: [[Float]] = []
        var helped: [[UInt8]] = []
        var offset = 0
        var next = 0
        for (index, component) in block.plan.components.enumerated() {
            let rows = layout.rows[index]
            let scores = block.streams.scores[component.source]
            let labeler = Labeler(component, block.plan.labels)
            var own = [UInt8](repeating: 0, count: rows.count)
            for (place, row) in rows.enumerated() {
                var helper = 0
                if component.helperBits > 0 {
                    helper = Int(helpers[next])
                    next += 1
                }
                let symbol = labeler.decide(scores[row], helper: helper)
                own[place] = UInt8(symbol)
                Self.write(
                    labeler.label(symbol), bits: component.bits, to: &bits, at: offset + place,
                    stride: rows.count)
                let ratios = labeler.logLikelihoods(scores[row], helper: helper)
                for plane in 0..<component.bits {
                    // Units of 1/3 nat, clamped: what a fixed-point decoder takes.
                    let ratio = ratios[component.bits - 1 - plane] * 3
                    likelihoods[offset + place + plane * rows.count] = Int8(
                        max(-100, min(100, ratio.rounded())))
                }
            }
            seen.append(rows.map { Float(scores[$0]) })
            let first = next - (component.helperBits > 0 ? rows.count : 0)
            helped.append(
                component.helperBits > 0
                    ? Array(helpers[first..<next]) : [UInt8](repeating: 0, count: rows.count))
            offset += rows.count * component.bits
            symbols.append(own)
        }
        return QuantizedBlock(
            rawKey: RawKey(bits: bits, frames: layout.frames, logLikelihoods: likelihoods), layout: layout,
            symbols: symbols, plan: block.plan,
            observations: block.plan.labels == .helper
                ? SymbolObservations(
                    components: block.plan.components,
                    quantizers: block.plan.components.map {
                        QuantileHelperQuantizer(bits: $0.bits, helperBits: $0.helperBits)
                    }, scores: seen, helpers: helped) : nil)
    }

    private static func write(_ label: Int, bits: Int, to string: inout BitString, at first: Int, stride: Int)
    {
        for plane in 0..<bits where label >> (bits - 1 - plane) & 1 == 1 {
            string[first + plane * stride] = true
        }
    }

    private static func unexpected(_ wanted: String) -> QWaveError {
        QWaveError(.protocolViolation, "the peer sent something else than \(wanted)")
    }
}

extension Disclosure.Kind {
    /// The public class of a segment's local power.
    public static let segmentClass = Disclosure.Kind("segmentClass")
}

/// One component's quantizer, whichever it is.
private struct Labeler {
    private let component: QuantizationPlan.Component
    private let helper: QuantileHelperQuantizer?
    private let plain: EquiprobableQuantizer

    init(_ component: QuantizationPlan.Component, _ labels: QuantizationPlan.Labels) {
        self.component = component
        plain = EquiprobableQuantizer(bits: component.bits)
        helper =
            labels == .helper
            ? QuantileHelperQuantizer(bits: component.bits, helperBits: component.helperBits) : nil
    }

    func label(_ symbol: Int) -> Int { GrayCode.encode(symbol) }
    func split(_ score: Double) -> (symbol: Int, helper: Int) {
        helper?.split(score) ?? (plain.symbol(score), 0)
    }
    func decide(_ score: Double, helper w: Int) -> Int {
        helper?.decide(score: score, helper: w, correlation: component.correlation)
            ?? plain.symbol(score)
    }
    func logLikelihoods(_ score: Double, helper w: Int) -> [Double] {
        helper?.logLikelihoods(
            score: score, helper: w, correlation: component.correlation, tail: component.tail ?? 0)
            ?? plain.logLikelihoods(score: score, correlation: component.correlation)
    }
}
