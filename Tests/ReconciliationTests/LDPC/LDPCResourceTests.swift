// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

@Suite struct LDPCResourceTests {
    @Test(arguments: [true, false], [3, 4])
    func `A resource gives back the code that it was written from`(shifted: Bool, unit: Int) throws {
        let code = try randomCode(
            lift: 64, columns: 30, degree: 6, cuts: 5, shifted: shifted, unit: unit, seed: 5)
        let read = try LDPCCode(resource: code.resource, lift: 64)
        #expect(read.edges == code.edges)
        #expect(read.columns == 30 && read.lift == 64 && read.isShifted == shifted && read.unit == unit)
        for level in 0...code.levels {
            #expect(read.boundaries(level: level) == code.boundaries(level: level))
        }
    }

    @Test func `Line ends in a resource don't matter, and shifts are taken modulo the lift`() throws {
        let code = try randomCode(lift: 4096, columns: 20, degree: 5, seed: 6)
        let broken = code.resource.enumerated().map {
            $0.offset % 7 == 6 ? "\($0.element)\n" : "\($0.element)"
        }
        let read = try LDPCCode(resource: broken.joined(), lift: 128)
        #expect(read.edges.map { Int($0.shift) } == code.edges.map { Int($0.shift) % 128 })
    }

    @Test func `A resource that is cut short anywhere is refused`() throws {
        let text = try randomCode(lift: 64, columns: 12, degree: 4, cuts: 2, seed: 7).resource
        for length in 0..<text.utf8.count {
            #expect(throws: QWaveError.self) { try LDPCCode(resource: String(text.prefix(length)), lift: 64) }
        }
    }

    @Test func `A resource with something after its end, or with a foreign character, is refused`() throws {
        let text = try randomCode(lift: 64, columns: 12, degree: 4, cuts: 2, seed: 8).resource
        #expect(throws: QWaveError.self) { try LDPCCode(resource: text + "A", lift: 64) }
        for place in [0, 12, 20, text.count - 1] {
            var bytes = Array(text.utf8)
            bytes[place] = UInt8(ascii: " ")
            let foreign = String(decoding: bytes, as: UTF8.self)
            #expect(throws: QWaveError.self) { try LDPCCode(resource: foreign, lift: 64) }
        }
    }

    @Test func `A resource with any one digit changed is refused or tells a whole code`() throws {
        let text = Array(try randomCode(lift: 64, columns: 12, degree: 4, cuts: 2, seed: 9).resource.utf8)
        var random = SplitMix64(seed: 10)
        for place in text.indices {
            for _ in 0..<4 {
                var changed = text
                changed[place] = LDPCCode.digits.randomElement(using: &random)!
                let resource = String(decoding: changed, as: UTF8.self)
                guard let code = try? LDPCCode(resource: resource, lift: 64) else { continue }
                let bounds = code.boundaries(level: code.levels)
                #expect(Int(bounds.last!) == code.edges.count)
                #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 })
                #expect(code.edges.allSatisfy { Int($0.column) < code.columns && Int($0.shift) < 64 })
            }
        }
    }

    @Test(arguments: [0, 1, 63, 65, 96, 4160, 8192, -64])
    func `A lift that resources don't serve is refused`(lift: Int) throws {
        let text = try randomCode(lift: 64, columns: 12, degree: 4, seed: 11).resource
        #expect(throws: QWaveError.self) { try LDPCCode(resource: text, lift: lift) }
    }

    @Test func `Parts that make no code are refused`() throws {
        let edges = [0, 1, 2, 0, 1, 2].map { LDPCCode.Edge(column: $0, shift: 5) }
        func make(
            lift: Int = 64, columns: Int = 3, boundaries: [Int] = [0, 3, 6], cuts: [Int] = [], unit: Int = 3
        ) throws -> LDPCCode {
            try LDPCCode(
                lift: lift, columns: columns, edges: edges, boundaries: boundaries, cuts: cuts, unit: unit)
        }
        _ = try make(cuts: [1, 4, 2])
        #expect(throws: QWaveError.self) { try make(lift: 96) }
        #expect(throws: QWaveError.self) { try make(columns: 2) }
        #expect(throws: QWaveError.self) { try make(columns: 4) }
        #expect(throws: QWaveError.self) { try make(boundaries: [0, 6]) }
        #expect(throws: QWaveError.self) { try make(boundaries: [0, 3]) }
        #expect(throws: QWaveError.self) { try make(boundaries: [0, 3, 3, 6]) }
        #expect(throws: QWaveError.self) { try make(boundaries: [0, 4, 2, 6]) }
        #expect(throws: QWaveError.self) { try make(cuts: [3]) }
        #expect(throws: QWaveError.self) { try make(cuts: [1, 1]) }
        #expect(throws: QWaveError.self) { try make(cuts: [6]) }
        #expect(throws: QWaveError.self) { try make(unit: 5) }
    }
}
