// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import Radio

struct DriverTests {
    private struct Driver: RadioDriver {
        let scheme: String?
        let help = ""
        func open(
            _ arguments: String, as role: Party.Role, _ settings: RadioSettings
        ) async throws(QWaveError) -> any Transceiver {
            throw QWaveError(.unavailable, "\(scheme ?? "none")|\(arguments)")
        }
    }

    @Test(arguments: [
        ("virtual:snr=20", "virtual", "snr=20"),
        ("addr=192.168.10.2,second=a:b", nil, "addr=192.168.10.2,second=a:b"),
        ("type=b200", nil, "type=b200"), ("virtual:", "virtual", ""), ("addr=fe80::1", nil, "addr=fe80::1"),
    ])
    func `a radio's text goes to the driver of its scheme, or whole to UHD`(
        text: String, scheme: String?, arguments: String
    ) throws {
        let drivers = RadioDrivers([Driver(scheme: "virtual"), Driver(scheme: nil)])
        let (driver, rest) = try drivers.find(text)
        #expect(driver.scheme == scheme)
        #expect(rest == arguments)
    }

    @Test func `without libuhd a device's text is a usage error that says so`() throws {
        let error = #expect(throws: QWaveError.self) {
            try RadioDrivers([Driver(scheme: "virtual")]).find("addr=1.2.3.4")
        }
        #expect(error?.code == .usage)
        #expect(error?.message.contains("libuhd") == true)
    }

    @Test(arguments: [
        "snr=loud", "snr=1e9", "model=moon", "speed=-1", "colour=red", "snr=1,snr=2", "seed=-4", "rate=0",
        "serve=nowhere", "join=a:1,serve=b:2", "join=:7", "lead=0",
    ])
    func `arguments that make no sense are usage errors`(arguments: String) async throws {
        let error = await #expect(throws: QWaveError.self) {
            _ = try await RadioDrivers.standard.open("virtual:" + arguments, as: .responder)
        }
        #expect(error?.code == .usage)
    }

    @Test func `Doppler is found from powers alone, over losses`()
        throws
    {
        // Clarke: 40 waves from all around for each of 8 independent tones; a phase of its own for each probe.
        func probes(_ doppler: Double, seed: UInt64) -> [(sequence: UInt32, gains: [IQ])] {
            var random = SplitMix64(seed: seed)
            let waves = (0..<8).map { _ in
                (0..<40).map { _ in
                    (
                        cos(Double.random(in: 0..<(2 * .pi), using: &random)),
                        Double.random(in: 0..<1, using: &random)
                    )
                }
            }
            return (0..<600).compactMap { index in
                guard Int.random(in: 0..<10, using: &random) > 0 else { return nil }
                let common = Double.random(in: 0..<(2 * .pi), using: &random)
                let gains = waves.map { waves in
                    var (re, im) = (0.0, 0.0)
                    for (direction, phase) in waves {
                        let angle =
                            2 * Double.pi * (doppler * direction * Double(index) / 100 + phase) + common
                        re += cos(angle)
                        im += sin(angle)
                    }
                    func noise() -> Double { Double.random(in: -0.1...0.1, using: &random) }
                    return IQ(
                        Float(re / 40.0.squareRoot() + noise()), Float(im / 40.0.squareRoot() + noise()))
                }
                return (UInt32(index), gains)
            }
        }
        for doppler in [2.0, 8.0, 16.0] {
            let found = try #require(DopplerEstimate(probes(doppler, seed: UInt64(doppler)), period: 0.01))
            #expect(found.isResolved)
            #expect(found.maximumDoppler > doppler / 1.6 && found.maximumDoppler < doppler * 1.6, "\(found)")
        }
        #expect(DopplerEstimate([], period: 0.01) == nil)
    }
}
