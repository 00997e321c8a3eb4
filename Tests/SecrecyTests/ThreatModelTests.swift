// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Secrecy
import Testing

@Suite struct ThreatModelTests {
    @Test func `the passive default is complete, and an empty model names every missing field`() {
        #expect(ThreatModel.passive().refusals.isEmpty)
        #expect(ThreatModel().refusals.count == 12)
    }

    @Test func `each mandatory field is missed alone`() {
        let plants: [(inout ThreatModel) -> Void] = [
            { $0.eve = nil }, { $0.eveAntennas = nil }, { $0.exclusionRadius = nil },
            { $0.exclusionWavelengths = nil }, { $0.richScattering = nil }, { $0.lineOfSight = nil },
            { $0.controllableSurroundings = nil }, { $0.eveTrace = nil }, { $0.sideInformation = "" },
            { $0.injectedFraction = nil }, { $0.preSharedKey = nil }, { $0.computingPower = nil },
        ]
        for plant in plants {
            var model = ThreatModel.passive()
            plant(&model)
            #expect(!model.refusals.isEmpty)
        }
    }

    @Test func `no claim is made against an active Eve without a pre-shared key`() {
        var model = ThreatModel.passive()
        model.eve = .activeOnDiscussion
        #expect(!model.refusals.isEmpty)
        model.preSharedKey = .init(
            source: "enrolled", length: 4096, reuseRule: "hash keys recycled, masks once")
        #expect(model.refusals.isEmpty)
    }

    @Test func `Eve's correlation follows the rules`() {
        var model = ThreatModel.passive()
        #expect(model.eveCorrelation == 0.4)
        model.siteCorrelation = 0.6
        #expect(model.eveCorrelation == 0.6)
        model.siteCorrelation = 0.2
        #expect(model.eveCorrelation == 0.4)
        model.lineOfSight = true
        #expect(model.eveCorrelation == 0.9)
        model.lineOfSight = false
        model.exclusionWavelengths = 0.29
        #expect(model.eveCorrelation == 0.9)
        model.exclusionWavelengths = 4
        model.richScattering = false
        #expect(model.eveCorrelation == 0.9)
    }

    @Test func `more antennas know more, and too many need a site model`() {
        var model = ThreatModel.passive()
        model.eveAntennas = 4
        #expect(model.eveCorrelation == 0.8)
        model.eveAntennas = 8
        #expect(model.eveCorrelation == nil)
        #expect(!model.refusals.isEmpty)
        model.siteCorrelation = 0.5
        #expect(model.eveCorrelation == 0.5)
        #expect(model.refusals.isEmpty)
    }

    @Test func `surroundings that somebody can steer make a laboratory key, unless an Eve trace covers them`()
    {
        var model = ThreatModel.passive()
        #expect(!model.isLaboratoryOnly)
        model.controllableSurroundings = true
        #expect(model.isLaboratoryOnly)
        model.eveTrace = true
        #expect(!model.isLaboratoryOnly)
    }

    @Test func `a threat model survives its file, and garbage is an error`() throws {
        let model = ThreatModel.passive()
        #expect(try ThreatModel(json: model.json()) == model)
        #expect(try ThreatModel(json: Array("{}".utf8)).refusals.count == 12)
        #expect(throws: QWaveError.self) { try ThreatModel(json: Array("{\"eve\": 3}".utf8)) }
        #expect(throws: QWaveError.self) { try ThreatModel(json: []) }
    }
}
