// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// One end's samples and what is known of them.
public struct SampleBlock: Sendable {
    public var samples: [Double]
    /// ρ of the two ends' normal scores, for what goes by it; the same at both ends.
    public var correlation: Double

    public init(samples: [Double], correlation: Double = 100.0 / 101) {
        self.samples = samples
        self.correlation = correlation
    }
}

/// What one end has after its samples were quantized.
public final class SampleBits: Sendable {
    public let bits: BitString
    /// The responder's, where the quantizer gives any: signed, in units of 1/3 nat, positive for 0.
    public let logLikelihoods: [Int8]
    /// How many samples (or excursions) gave bits.
    public let keptSamples: Int

    init(_ bits: BitString, logLikelihoods: [Int8] = [], keptSamples: Int) {
        self.bits = bits
        self.logLikelihoods = logLikelihoods
        self.keptSamples = keptSamples
    }
}

/// A quantizer as a stage of its own: bits of one stream of samples at each end, with all that is said charged.
///
/// The ends first compare what they quantize and how (0x50); lists of places are bitmaps (0x51); what goes with each
/// symbol is one byte each (0x52). Throws `.refused` where the ends don't mean the same, `.protocolViolation` for
/// any other message than the next.
public struct SampleQuantization: Stage {
    static let greeting: UInt8 = 0x50
    static let places: UInt8 = 0x51
    static let values: UInt8 = 0x52
    /// Samples at the most.
    public static let limit = 1 << 19

    public let quantizer: SampleQuantizer

    public init(_ quantizer: SampleQuantizer) { self.quantizer = quantizer }

    public func run(_ block: SampleBlock, as party: Party) async throws(QWaveError) -> SampleBits {
        try quantizer.validate()
        guard block.samples.count <= Self.limit, block.samples.allSatisfy(\.isFinite) else {
            throw QWaveError(.badInput, "samples are finite numbers, at most \(Self.limit) of them")
        }
        guard block.correlation > -1, block.correlation < 1 else {
            throw QWaveError(
                .usage, "a correlation of \(block.correlation) can't be; give one between -1 and 1")
        }
        try await greet(block, party)
        switch quantizer {
        case .guardBand(let alpha, let center, let length):
            return try await keepCommon(
                GuardBandQuantizer(alpha: alpha, center: center, block: length).bits(of: block.samples), party
            )
        case .adaptive(let alpha, let length):
            return try await keepCommon(
                GuardBandQuantizer(alpha: alpha, block: length).bits(of: block.samples), party)
        case .levelCrossing(let alpha, let run):
            return try await cross(LevelCrossingQuantizer(alpha: alpha, run: run), block.samples, party)
        case .adaptiveMultibit(let length, let bits):
            return try await adapt(
                AdaptiveMultibitQuantizer(block: length), bits: bits, block.samples, party)
        case .equiprobable(let bits): return label(block, bits: bits, isSoft: false, party)
        case .soft(let bits): return label(block, bits: bits, isSoft: party.role == .responder, party)
        case .binClass(let bits):
            return try await classify(BinClassQuantizer(bits: bits), block.samples, party)
        case .quantileHelper(let bits, let helperBits):
            return try await help(
                QuantileHelperQuantizer(bits: bits, helperBits: helperBits), block, party)
        }
    }

    /// Both say quantizer, count and correlation; they must be the same.
    private func greet(_ block: SampleBlock, _ party: Party) async throws(QWaveError) {
        var writer = ByteWriter()
        writer.write(Self.greeting)
        writer.write(UInt32(block.samples.count))
        writer.write(block.correlation)
        writer.write(Array("\(quantizer)".utf8))
        if party.role == .initiator { try await party.send(writer.bytes, charging: .nothing) }
        let theirs = try await party.receive()
        party.charge(received: .nothing, bytes: theirs.count)
        if party.role == .responder { try await party.send(writer.bytes, charging: .nothing) }
        guard theirs.first == Self.greeting else { throw Self.unexpected("a quantizer's greeting") }
        guard theirs == writer.bytes else {
            throw QWaveError(
                .refused,
                "the ends don't quantize alike: give both the same quantizer, parameters and number of samples"
            )
        }
    }

    /// Sends a list of places and returns the peer's; the initiator speaks first.
    func exchangePlaces(_ own: BitString, _ party: Party) async throws(QWaveError) -> BitString {
        if party.role == .initiator { try await send(places: own, party) }
        let theirs = try await receivePlaces(count: own.count, party)
        if party.role == .responder { try await send(places: own, party) }
        return theirs
    }

    func send(places own: BitString, _ party: Party) async throws(QWaveError) {
        var writer = ByteWriter()
        writer.write(Self.places)
        writer.write(own)
        try await party.send(writer.bytes, charging: Self.charge(own))
    }

    func receivePlaces(count: Int, _ party: Party) async throws(QWaveError) -> BitString {
        let message = try await party.receive()
        var reader = ByteReader(message, what: "list of places")
        guard try reader.read(UInt8.self) == Self.places else { throw Self.unexpected("a list of places") }
        let theirs = try reader.readBits(limit: count)
        try reader.finish()
        guard theirs.count == count else { throw Self.unexpected("a list over \(count) places") }
        party.charge(received: Self.charge(theirs), bytes: message.count)
        return theirs
    }

    private static func charge(_ list: BitString) -> Disclosure {
        let kept = (0..<list.count).count { list[$0] }
        return Disclosure(
            .places, bits: QuantizerDisclosure.listEntropy(size: list.count, kept: kept))
    }

    /// The initiator's value of each symbol, in bytes.
    func tell(_ own: [UInt8], charging disclosure: Disclosure, _ party: Party) async throws(QWaveError) {
        var writer = ByteWriter()
        writer.write(Self.values)
        writer.writeCounted(own)
        try await party.send(writer.bytes, charging: disclosure)
    }

    func hear(count: Int, below limit: UInt8, charging disclosure: Disclosure, _ party: Party)
        async throws(QWaveError) -> [UInt8]
    {
        let message = try await party.receive()
        var reader = ByteReader(message, what: "values of symbols")
        guard try reader.read(UInt8.self) == Self.values else { throw Self.unexpected("values of symbols") }
        let theirs = try reader.readCounted(limit: count)
        try reader.finish()
        guard theirs.count == count, theirs.allSatisfy({ $0 <= limit }) else {
            throw Self.unexpected("\(count) values up to \(limit)")
        }
        party.charge(received: disclosure, bytes: message.count)
        return theirs
    }

    private static func unexpected(_ wanted: String) -> QWaveError {
        QWaveError(.protocolViolation, "the peer sent something else than \(wanted)")
    }
}

extension Disclosure.Kind {
    /// Which samples or excursions were kept.
    public static let places = Disclosure.Kind("places")
    /// How many bits a block's range carries.
    public static let blockBits = Disclosure.Kind("blockBits")
}
