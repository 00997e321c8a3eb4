// SPDX-License-Identifier: GPL-3.0-or-later

/// One cluster's part in a tap: from where its waves come and how widely, Laplacian in power over angle.
public struct TapAngles: Sendable, Hashable, Codable {
    /// Share of the tap's power; the shares of a tap sum to 1.
    public var share: Double
    /// Mean angle at the receiver, and its spread, in degrees.
    public var arrival: Double
    public var arrivalSpread: Double
    /// The same at the transmitter.
    public var departure: Double
    public var departureSpread: Double
}

extension TGn {
    /// The clusters' parts in each tap of a list of delays (ns), and the power of each tap.
    ///
    /// A cluster's power between its own taps is interpolated linearly in decibels over delay.
    func taps(at delays: [Double]) -> [(power: Double, angles: [TapAngles])] {
        delays.map { delay in
            let parts = clusters.compactMap { cluster in
                decibels(of: cluster, at: delay).map { (cluster, Portable.power(decibels: $0)) }
            }
            let total = parts.reduce(0) { $0 + $1.1 }
            let angles = parts.map { cluster, power in
                TapAngles(
                    share: power / total, arrival: cluster.arrival, arrivalSpread: cluster.arrivalSpread,
                    departure: cluster.departure, departureSpread: cluster.departureSpread)
            }
            return (total, angles)
        }
    }

    private func decibels(of cluster: Cluster, at delay: Double) -> Double? {
        let own = delays.filter { cluster.delays.contains($0) }
        guard cluster.delays.contains(delay), let after = own.firstIndex(where: { $0 >= delay }) else {
            return nil
        }
        if own[after] == delay { return cluster.decibels[after] }
        let part = (delay - own[after - 1]) / (own[after] - own[after - 1])
        return cluster.decibels[after - 1] + part * (cluster.decibels[after] - cluster.decibels[after - 1])
    }

    /// TGac's refinement for wide channels (IEEE 802.11-09/0308r12): taps 5 ns apart at 80 MHz, 2.5 ns apart at
    /// 160 MHz, each cluster interpolated linearly in decibels between its first and last tap.
    ///
    /// At 20 and 40 MHz, and for model A, it is the TGn table itself. Where a cluster's taps lie further apart than
    /// the new spacing they become more, so the late clusters gain weight and the delay spread grows.
    public func refined(for bandwidth: Bandwidth) -> ChannelModel {
        let name = "tgac-\(rawValue)"
        guard bandwidth.rawValue > 40, self != .a, bandwidth != .nr else {
            return ChannelModel(name, taps: zip(delays, taps(at: delays)).map { ($0, $1.power, $1.angles) })
        }
        let spacing = bandwidth == .mhz80 ? 5.0 : 2.5
        let count = Int((delays[delays.count - 1] / spacing).rounded())
        let grid = (0...count).map { Double($0) * spacing }
        let all = zip(grid, taps(at: grid)).map { ($0, $1.power, $1.angles) }
        return ChannelModel(name, taps: all.filter { $0.1 > 0 })
    }
}
