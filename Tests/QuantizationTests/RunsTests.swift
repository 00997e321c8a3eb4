// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import Statistics
import TestSupport
import Testing

@testable import Quantization

/// Samples of several recordings behind one another.
@Suite struct RunsTests {
    private static let unit = 128

    /// `count` recordings of one unit each, independent of one another.
    private static func recordings(_ count: Int, phi: Double, seed: UInt64) -> (x: [Double], joints: [Int]) {
        var noise = Gaussians(seed: seed)
        let x = (0..<count).flatMap { _ in Array(noise.autoregression(unit + 100, phi: phi).suffix(unit)) }
        return (x, (1..<count).map { $0 * unit })
    }

    @Test func `joints outside of the rows, or none, leave one recording`() {
        #expect(Runs(rows: 0, joints: []).ranges == [])
        #expect(Runs(rows: 5, joints: []).ranges == [0..<5])
        #expect(Runs(rows: 5, joints: [0, 5, 9]).ranges == [0..<5])
        #expect(Runs(rows: 5, joints: [1, 4]).ranges == [0..<1, 1..<4, 4..<5])
        #expect(Runs.decimated([128, 256], stride: 3) == [43, 86])
    }

    @Test func `the memory of recordings is that of one, whatever lies between them`() {
        let (x, joints) = Self.recordings(150, phi: 0.9, seed: 5)
        let apart = ScalarMemory(scores: x, joints: joints)
        #expect(abs(apart.linear - 0.9) < 0.01)
        // Taken for one recording they seem to remember less than they do.
        #expect(ScalarMemory(scores: x).linear < apart.linear)
        let (effective, whole) = (
            SampleStatistics.effectiveCount(x, x, joints: joints), Double(x.count) * (1 - 0.81) / (1 + 0.81)
        )
        #expect(abs(effective / whole - 1) < 0.15)
    }

    @Test func `a trend ends where its recording does`() {
        let steps = (0..<512).map { Double($0 / Self.unit) * 40 + Double($0 % 2) }
        let trend = TrendRemoval(window: 61)
        let apart = trend.centered(steps, joints: [128, 256, 384])
        #expect(apart.allSatisfy { abs($0) < 0.6 })
        #expect(trend.centered(steps).contains { abs($0) > 10 })
        for run in 0..<4 {
            let own = Array(steps[run * Self.unit..<(run + 1) * Self.unit])
            #expect(Array(apart[run * Self.unit..<(run + 1) * Self.unit]) == trend.centered(own))
        }
    }

    @Test func `a Doppler shift is found in pieces of a walk as in all of it`() throws {
        let walk = try Walk(.d, snr: 20, rate: 50, seconds: 240, seed: 11)
        let pieces = stride(from: 0, to: walk.initiator.rows - 128, by: 512).map { $0..<$0 + 128 }
        let cut = FeatureMatrix(
            rows: pieces.count * 128, columns: walk.initiator.columns,
            values: pieces.flatMap { walk.initiator.slice($0).values })
        let joints = (1..<pieces.count).map { $0 * 128 }
        let found = UnderlyingChannel(initiator: cut, kind: .canonical, joints: joints)
        let truth = walk.parameters.maximumDoppler / 50
        let clarke = try #require(found.fits.first { $0.spectrum == .jakes }, "\(found.fits)")
        #expect(abs(clarke.doppler / truth - 1) < 0.05)
    }
}
