// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Everything that both ends fix, from commissioning, before a block is measured: public, part of the transcript.
public struct QuantizationPlan: Sendable, Hashable, Codable {
    /// One component that is keyed.
    public struct Component: Sendable, Hashable, Codable {
        /// Which output of the linear map.
        public var source: Int
        /// Which class of segments, where the plan divides by local power.
        public var segmentClass: Int?
        /// M.
        public var bits: Int
        /// B.
        public var helperBits: Int
        /// ρ between the ends' normal scores.
        public var correlation: Double
        /// Share of samples whose noise is three times as large; nil where it is Gaussian.
        public var tail: Double?

        public init(
            source: Int, segmentClass: Int? = nil, bits: Int, helperBits: Int, correlation: Double,
            tail: Double? = nil
        ) {
            self.source = source
            self.segmentClass = segmentClass
            self.bits = bits
            self.helperBits = helperBits
            self.correlation = correlation
            self.tail = tail
        }
    }

    public enum Labels: String, Sendable, Codable, CaseIterable {
        /// Zero-leakage quantile helper data, the default.
        case helper = "quantile-helper"
        /// Equiprobable cells with Gray labels, without helper data.
        case equiprobable
    }

    public var feature: FeatureKind
    /// How blocks are synchronized, where the feature is `synchronized`.
    public var synchronization: SynchronizedPlan?
    /// How gains are aligned, where the feature is `aligned`.
    public var alignment: AlignedGains?
    public var trend: TrendRemoval
    /// Every how many pairs one is kept.
    public var stride: Int
    /// Snapshots in a block of the decorrelating transform.
    public var timeBlock: Int
    public var decorrelation: Decorrelation
    public var labels: Labels
    public var initiatorMap: LinearMap
    public var responderMap: LinearMap
    public var initiatorMarginals: [MarginalDistribution]
    public var responderMarginals: [MarginalDistribution]
    /// Pairs in a segment of equal class; 0 where there are no classes.
    public var segmentLength: Int
    /// Local root mean square at which class 0 ends; each further class is √2 higher.
    public var classBase: Double
    public var components: [Component]
    /// What the components are worth, in the same order.
    public var model: ComponentModel
    /// Pairs at the start of the capture that made this plan; they are public and never keyed.
    public var commissionedPairs: Int

    public init(
        feature: FeatureKind, alignment: AlignedGains? = nil, trend: TrendRemoval, stride: Int,
        timeBlock: Int = 1,
        decorrelation: Decorrelation,
        labels: Labels = .helper, initiatorMap: LinearMap, responderMap: LinearMap,
        initiatorMarginals: [MarginalDistribution], responderMarginals: [MarginalDistribution],
        segmentLength: Int = 0, classBase: Double = 1, components: [Component], model: ComponentModel,
        commissionedPairs: Int, synchronization: SynchronizedPlan? = nil
    ) {
        self.feature = feature
        self.alignment = alignment
        self.trend = trend
        self.stride = stride
        self.timeBlock = timeBlock
        self.decorrelation = decorrelation
        self.labels = labels
        self.initiatorMap = initiatorMap
        self.responderMap = responderMap
        self.initiatorMarginals = initiatorMarginals
        self.responderMarginals = responderMarginals
        self.segmentLength = segmentLength
        self.classBase = classBase
        self.components = components
        self.model = model
        self.commissionedPairs = commissionedPairs
        self.synchronization = synchronization
    }

    /// How many classes segments fall into.
    public static let segmentClasses = 16

    /// Symbols that one row gives of a source: more than one where a component pools coefficients of a block.
    public func symbolsPerRow(source: Int) -> Int { synchronization?.multiplicity(source) ?? 1 }

    /// The class of a segment by its local root mean square.
    public func segmentClass(rootMeanSquare: Double) -> Int {
        guard rootMeanSquare > classBase, classBase > 0 else { return 0 }
        let steps = 2 * (rootMeanSquare / classBase).logarithm / 2.0.logarithm
        // Clamped before it becomes an integer: the quotient may be infinite.
        return 1 + Int(min(steps, Double(Self.segmentClasses - 2)))
    }

    /// Throws `.protocolViolation` unless every size and number fits; a plan comes from the peer.
    ///
    /// - Parameter columns: features of one snapshot of this plan's kind.
    public func validate(columns: Int) throws(QWaveError) {
        // The product below must not overflow.
        let isShaped = (1...1024).contains(stride) && (1...1024).contains(timeBlock)
        // Synchronized blocks have classes of coefficients in place of the map's outputs.
        let inputs = !isShaped ? 0 : synchronization == nil ? columns * timeBlock : columns
        let places = components.map { [$0.source, segmentLength > 0 ? $0.segmentClass ?? -1 : -1] }
        let valid =
            isShaped && (feature == .synchronized) == (synchronization != nil)
            && synchronization.map {
                $0.isValid(columns: columns, timeBlock: timeBlock)
                    && $0.classes.count == initiatorMap.components
                    && stride == 1
            } ?? true
            && (feature == .aligned) == (alignment != nil) && alignment?.isValid(columns: columns) ?? true
            && (0...1_000_000).contains(trend.window) && (0...1_000_000).contains(trend.scaleWindow)
            && trend.scaleFloor.isFinite && trend.scaleFloor >= 0
            && initiatorMap.isValid(inputs: inputs) && responderMap.isValid(inputs: inputs)
            && initiatorMap.components == responderMap.components
            && initiatorMarginals.count == initiatorMap.components
            && responderMarginals.count == responderMap.components
            && initiatorMarginals.allSatisfy(\.isValid) && responderMarginals.allSatisfy(\.isValid)
            && (0...1_000_000).contains(segmentLength) && classBase.isFinite && classBase > 0
            && components.count == model.components.count && components.count <= 4096
            && (1...1 << 40).contains(commissionedPairs)
            // A sample that is keyed twice would count twice.
            && Set(places).count == places.count && initiatorMap.isInjective && responderMap.isInjective
            && components.allSatisfy {
                (0..<initiatorMap.components).contains($0.source) && (1...8).contains($0.bits)
                    && (0...6).contains($0.helperBits) && $0.correlation > 0 && $0.correlation < 1
                    && (0...0.5).contains($0.tail ?? 0)
                    && ($0.segmentClass.map { (0..<Self.segmentClasses).contains($0) } ?? true)
            }
            && zip(components, model.components).allSatisfy {
                $0.bits == $1.bits && $0.helperBits == $1.helperBits && $1.errorRates.count == $1.bits
                    && $1.errorRates.allSatisfy { $0 >= 0 && $0 <= 0.5 } && $0.correlation == $1.correlation
                    && $1.softEntropies.count == $1.bits && $1.softEntropies.allSatisfy { $0 >= 0 && $0 <= 1 }
                    && (-1...$1.correlation).contains($1.correlationLowerBound)
                    && (0...1).contains($1.memoryCorrelation)
                    && [$1.memoryCharge, $1.eveCharge, $1.deficit, $1.errorPatternCharge].allSatisfy {
                        $0 >= 0 && $0.isFinite
                    }
            }
        guard valid else {
            throw QWaveError(.protocolViolation, "the peer's quantization plan doesn't fit the capture")
        }
    }
}
