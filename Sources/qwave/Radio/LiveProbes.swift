// SPDX-License-Identifier: GPL-3.0-or-later
internal import Pairing
internal import QWaveCore
internal import Radio

/// A pairing's own radio: probes the air for one exchange after the other.
struct LiveProbes: Sendable {
    private let radio: any Transceiver
    private let plan: ProbePlan
    private let role: Party.Role

    /// Nil where the pairing has no radio.
    init?(_ source: TraceSource, _ options: RadioOptions, as role: Party.Role, peer: String)
        async throws(QWaveError)
    {
        guard let name = source.radio else { return nil }
        let count = Int((source.probeRate * source.duration).rounded())
        let radio = try await RadioDrivers.standard.open(
            Self.placed(name, role, peer), as: role, options.settings)
        let plan = options.plan(radio.capabilities, probes: count, rate: source.probeRate)
        do throws(QWaveError) {
            try plan.validate(radio.capabilities)
        } catch {
            await radio.close()
            throw error
        }
        StandardError.write(
            "qwave: probing with \(radio.capabilities.name), \(source.probeRate) probes a second, turnaround "
                + "\(plan.turnaround)")
        self.radio = radio
        self.plan = plan
        self.role = role
        await radio.rest()
    }

    /// A virtual ether is where the listening end is, unless the arguments say otherwise.
    private static func placed(_ name: String, _ role: Party.Role, _ peer: String) -> String {
        guard name == "virtual:" || name.hasPrefix("virtual:"), role == .initiator, !name.contains("join="),
            !name.contains("serve=")
        else { return name }
        let host = peer.contains(":") ? "[\(peer)]" : peer
        let rest = name.dropFirst("virtual:".count)
        return "virtual:join=\(host):\(VirtualDriver.port)" + (rest.isEmpty ? "" : ",\(rest)")
    }

    /// What this end can do, for the peer.
    var terms: ProbeTerms {
        ProbeTerms(
            count: plan.count, sacrificed: plan.sacrificed, rate: plan.rate, minimumRate: plan.minimumRate,
            turnaround: plan.turnaround / .seconds(1), sampleRate: radio.capabilities.sampleRate,
            carrier: radio.capabilities.carrierFrequency)
    }

    /// The trace of one exchange's probes under terms that were agreed on.
    func probe(
        _ number: UInt64, _ terms: ProbeTerms, _ key: borrowing SecretBuffer
    ) async throws(QWaveError) -> (ChannelTrace, InjectionCount) {
        var plan = ProbePlan(count: terms.count, rate: terms.rate, turnaround: .seconds(terms.turnaround))
        plan.sacrificed = terms.sacrificed
        plan.minimumRate = terms.minimumRate
        let progress = Progress("probing")
        let total = Double(terms.count)
        let probeKey = try ProbeKey(key)
        let series = try await ProbeSession.run(radio, plan, key: probeKey, as: role) { snapshot, _ in
            progress.update(Double(snapshot.sequence ?? 0) / total)
        }
        progress.finish()
        StandardError.write(
            "qwave: exchange \(number): \(series.tally.heard) probes heard, \(series.tally.missed) missed, "
                + "\(series.tally.rejected) rejected")
        return (series.trace, InjectionCount(heard: series.tally.heard, rejected: series.tally.rejected))
    }

    func close() async { await radio.close() }
}
