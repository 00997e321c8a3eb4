// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// What is assumed about the eavesdropper: a statement that travels with every key.
///
/// Every field without "site" in its name is mandatory: a field that is missing refuses the key.
public struct ThreatModel: Sendable, Hashable, Codable {
    public enum Eve: String, Sendable, Hashable, Codable {
        case passive
        case activeOnRadio
        case activeOnDiscussion
    }

    public enum ComputingPower: String, Sendable, Hashable, Codable {
        /// Information theoretic.
        case unbounded
        /// A step on which the key rests is only computationally secure: so is the claim.
        case bounded
    }

    /// The secret that authenticates the discussion.
    public struct PreSharedKey: Sendable, Hashable, Codable {
        /// Where it comes from, like "enrolled" or "quantum key network"; "none" where there is none.
        public var source: String
        /// Bits.
        public var length: Int
        public var reuseRule: String

        public init(source: String, length: Int, reuseRule: String) {
            self.source = source
            self.length = length
            self.reuseRule = reuseRule
        }

        /// No pre-shared key: no authentication, therefore no claim against an active Eve.
        public static let none = PreSharedKey(source: "none", length: 0, reuseRule: "none")

        public var exists: Bool { length > 0 }
    }

    public var eve: Eve?
    /// How many antennas Eve has.
    public var eveAntennas: Int?
    /// Within which nobody else has an antenna: meters, and multiples of the wavelength.
    public var exclusionRadius: Double?
    public var exclusionWavelengths: Double?
    /// Scattering all around: without it distance protects nothing.
    public var richScattering: Bool?
    public var lineOfSight: Bool?
    /// A reconfigurable surface, a relay or movable obstacles near.
    public var controllableSurroundings: Bool?
    /// An Eve trace from this channel and these surroundings was evaluated: what it showed is charged.
    public var eveTrace: Bool?
    /// What Eve knows besides: own measurements and all public traffic.
    public var sideInformation: String?
    /// f_max: fraction of rounds that Eve may control unnoticed; credited 0.
    public var injectedFraction: Double?
    public var preSharedKey: PreSharedKey?
    public var computingPower: ComputingPower?
    /// ρ_E of a site model: the multiple correlation of one component with all of Eve's antennas.
    public var siteCorrelation: Double?

    /// A model with nothing said: refused until every field is filled in.
    public init() {}

    /// A passive listener with one antenna, half a meter away at the least, in rich scattering without line of
    /// sight: what a replay or a pairing indoors assumes unless told otherwise.
    public static func passive(
        exclusionRadius: Double = 0.5, exclusionWavelengths: Double = 4, preSharedKey: PreSharedKey = .none
    ) -> ThreatModel {
        var model = ThreatModel()
        model.eve = .passive
        model.eveAntennas = 1
        model.exclusionRadius = exclusionRadius
        model.exclusionWavelengths = exclusionWavelengths
        model.richScattering = true
        model.lineOfSight = false
        model.controllableSurroundings = false
        model.eveTrace = false
        model.sideInformation = "own measurements and all public traffic"
        model.injectedFraction = 0
        model.preSharedKey = preSharedKey
        model.computingPower = .unbounded
        return model
    }

    /// ρ_E that must be charged at the least per real dimension; nil where the model doesn't allow any claim.
    ///
    /// max(0.4, site model) for one antenna. For m antennas without a site model 0.4 √m: the worst case of
    /// antennas that see independent noise and nothing in common. At least 0.9 with a line of sight (of the
    /// diffuse part), within 0.3 wavelengths, or without rich scattering.
    public var eveCorrelation: Double? {
        guard let eveAntennas, eveAntennas >= 1, exclusionWavelengths != nil, richScattering != nil,
            lineOfSight != nil
        else { return nil }
        var rho = 0.4 * (siteCorrelation == nil ? Double(eveAntennas).squareRoot() : 1)
        if let siteCorrelation { rho = max(rho, siteCorrelation) }
        if isEveClose { rho = max(rho, 0.9) }
        return rho < 1 ? rho : nil
    }

    /// ρ_E below which no component's charge for Eve may lie: `eveCorrelation`, or 0 where an Eve trace was
    /// evaluated and neither a site model nor anything that puts Eve close says more; then her part may stand inside
    /// the memory charge too.
    public var eveCorrelationFloor: Double? {
        eveTrace == true && !isEveClose && siteCorrelation == nil ? 0 : eveCorrelation
    }

    private var isEveClose: Bool {
        lineOfSight != false || richScattering != true || !((exclusionWavelengths ?? 0) >= 0.3)
    }

    /// Whether it says that there is no line of sight, and nothing else of what Eve gets: where the gains show one, the
    /// default charge for her rests on nothing.
    public var deniesLineOfSight: Bool { lineOfSight == false && siteCorrelation == nil }

    /// Whether keys under this model are for the laboratory only: somebody could steer the surroundings, and no
    /// Eve trace covers that.
    public var isLaboratoryOnly: Bool { controllableSurroundings != false && eveTrace != true }

    /// Whether the claim may be called information theoretic.
    public var isInformationTheoretic: Bool { computingPower == .unbounded }
}
