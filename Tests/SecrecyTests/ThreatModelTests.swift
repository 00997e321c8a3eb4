// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
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

    @Test func `a field that there isn't is an error that names it, never left out in silence`() throws {
        let whole = String(decoding: try ThreatModel.passive().json(), as: UTF8.self)
        let cases = [
            ("\"eveTrace\" : false", "\"eveTrace\" : false, \"siteCorelation\" : 0.95", "siteCorelation"),
            ("\"source\"", "\"sauce\" : \"x\", \"source\"", "preSharedKey.sauce"),
            ("\"lineOfSight\"", "\"LineOfSight\"", "LineOfSight"),
        ]
        for (old, new, name) in cases {
            try #require(whole.contains(old))
            let changed = whole.replacingOccurrences(of: old, with: new)
            let error = #expect(throws: QWaveError.self) { try ThreatModel(json: Array(changed.utf8)) }
            #expect(error?.code == .badInput && error?.message.contains(name) == true)
        }
    }

    @Test func `a value of another kind is an error that names its field and not the value`() throws {
        let whole = String(decoding: try ThreatModel.passive().json(), as: UTF8.self)
        let cases = [
            ("\"eve\" : \"passive\"", "\"eve\" : \"sleepy\"", "eve"),
            ("\"eveAntennas\" : 1", "\"eveAntennas\" : true", "eveAntennas"),
            ("\"lineOfSight\" : false", "\"lineOfSight\" : \"sleepy\"", "lineOfSight"),
            ("\"length\" : 0", "\"length\" : \"sleepy\"", "preSharedKey.length"),
        ]
        for (old, new, name) in cases {
            try #require(whole.contains(old))
            let changed = whole.replacingOccurrences(of: old, with: new)
            let error = #expect(throws: QWaveError.self) { try ThreatModel(json: Array(changed.utf8)) }
            #expect(error?.code == .badInput && error?.message.contains("field \(name) ") == true)
            #expect(error?.message.contains("sleepy") == false)
        }
    }

    /// Every field at a value that it can't have, where the type alone would let it through.
    @Test func `values that contradict themselves or one another are refused in words`() {
        let plants: [((inout ThreatModel) -> Void, String)] = [
            ({ $0.eveAntennas = 0 }, "antennas"), ({ $0.eveAntennas = -3 }, "antennas"),
            ({ $0.exclusionRadius = -1 }, "meters"), ({ $0.exclusionRadius = .nan }, "meters"),
            ({ $0.exclusionWavelengths = .infinity }, "wavelengths"),
            ({ $0.exclusionWavelengths = -0.1 }, "wavelengths"),
            // One radius in two units: no room for an Eve in one, four wavelengths in the other.
            ({ $0.exclusionRadius = 0 }, "both units"), ({ $0.exclusionRadius = 1e-5 }, "both units"),
            ({ $0.exclusionRadius = 1e6 }, "both units"),
            ({ $0.sideInformation = " \n" }, "sideInformation"),
            ({ $0.injectedFraction = -0.1 }, "injected"), ({ $0.injectedFraction = 1 }, "injected"),
            ({ $0.injectedFraction = .nan }, "injected"),
            ({ $0.siteCorrelation = 1 }, "site"), ({ $0.siteCorrelation = -0.1 }, "site"),
            ({ $0.siteCorrelation = .nan }, "site"),
            ({ $0.preSharedKey = .init(source: "", length: 256, reuseRule: "once") }, "no source"),
            ({ $0.preSharedKey = .init(source: "enrolled", length: 256, reuseRule: " ") }, "no source"),
            ({ $0.preSharedKey = .init(source: "enrolled", length: -1, reuseRule: "once") }, "negative"),
            ({ $0.preSharedKey = .init(source: "none", length: 256, reuseRule: "once") }, "nowhere"),
            ({ $0.eve = .activeOnRadio }, "active Eve"), ({ $0.eveAntennas = 7 }, "site correlation"),
        ]
        for (plant, word) in plants {
            var model = ThreatModel.passive()
            plant(&model)
            #expect(model.refusals.contains { $0.contains(word) }, "\(word): \(model.refusals)")
        }
        var open = ThreatModel.passive()
        (open.exclusionRadius, open.exclusionWavelengths) = (0, 0)
        #expect(open.refusals.isEmpty && open.eveCorrelation == 0.9)
    }

    @Test func `the example of the documentation is a whole threat model, and the default`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "Documentation/secrecy.md"), encoding: .utf8)
        let start = try #require(page.range(of: "```json\n"))
        let end = try #require(page.range(of: "```", range: start.upperBound..<page.endIndex))
        let model = try ThreatModel(json: Array(page[start.upperBound..<end.lowerBound].utf8))
        #expect(model.refusals.isEmpty)
        var expected = ThreatModel.passive()
        expected.preSharedKey = model.preSharedKey
        #expect(model == expected && model.preSharedKey?.exists == true)
    }
}
