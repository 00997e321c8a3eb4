// SPDX-License-Identifier: GPL-3.0-or-later

extension String {
    /// Nothing but white space says nothing.
    fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }
}

extension ThreatModel {
    /// Why no key may be made under this model; empty when it is complete and allows one.
    public var refusals: [String] {
        let present: [(String, Bool)] = [
            ("eve", eve != nil), ("eveAntennas", eveAntennas != nil),
            ("exclusionRadius", exclusionRadius != nil),
            ("exclusionWavelengths", exclusionWavelengths != nil),
            ("richScattering", richScattering != nil), ("lineOfSight", lineOfSight != nil),
            ("controllableSurroundings", controllableSurroundings != nil), ("eveTrace", eveTrace != nil),
            ("sideInformation", !(sideInformation ?? "").isBlank),
            ("injectedFraction", injectedFraction != nil), ("preSharedKey", preSharedKey != nil),
            ("computingPower", computingPower != nil),
        ]
        var refusals = present.filter { !$0.1 }.map { "the threat model says nothing about \($0.0)" }
        if let preSharedKey {
            if preSharedKey.source.isBlank || preSharedKey.reuseRule.isBlank {
                refusals.append("the threat model's pre-shared key has no source or no reuse rule")
            }
            if preSharedKey.length < 0 {
                refusals.append("the threat model's pre-shared key has a negative length")
            }
            if preSharedKey.exists, preSharedKey.source == PreSharedKey.none.source {
                refusals.append(
                    "the threat model's pre-shared key has \(preSharedKey.length) bits and comes from nowhere: name "
                        + "its source, or give it length 0")
            }
            if eve != .passive, eve != nil, !preSharedKey.exists {
                refusals.append("no claim against an active Eve without a pre-shared key")
            }
        }
        if let eveAntennas, eveAntennas < 1 {
            refusals.append("the threat model gives Eve \(eveAntennas) antennas")
        }
        for (name, radius) in [("meters", exclusionRadius), ("wavelengths", exclusionWavelengths)] {
            if let radius, !(radius >= 0 && radius.isFinite) {
                refusals.append("the threat model's exclusion radius is \(radius) \(name)")
            }
        }
        if let exclusionRadius, let exclusionWavelengths, exclusionWavelengths > 0,
            !Self.wavelengths.contains(exclusionRadius / exclusionWavelengths)
        {
            refusals.append(
                "the threat model's exclusion radius is \(exclusionRadius) m and \(exclusionWavelengths) wavelengths, "
                    + "which no radio's are: say one radius in both units")
        }
        if let injectedFraction, !(injectedFraction >= 0 && injectedFraction < 1) {
            refusals.append("the threat model's injected fraction is \(injectedFraction)")
        }
        if eve == .activeOnRadio, injectedFraction == 0 {
            refusals.append(
                "an Eve who is active on the radio may impose rounds by the channel's own law, which no test sees: say "
                    + "as injectedFraction how many")
        }
        if let siteCorrelation, !(siteCorrelation >= 0 && siteCorrelation < 1) {
            refusals.append("the threat model's site correlation is \(siteCorrelation)")
        }
        if eveCorrelation == nil, refusals.isEmpty {
            refusals.append(
                "\(eveAntennas ?? 0) antennas of Eve may know every component: give a site correlation")
        }
        return refusals
    }

    /// Wavelengths that a radio may have, in meters: 3 THz to 300 kHz.
    private static let wavelengths = 1e-4...1e3
}
