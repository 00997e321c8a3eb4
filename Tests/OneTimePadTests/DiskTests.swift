// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import OneTimePad

/// A directory that goes with the test.
final class Scratch {
    let path: String
    init() throws {
        path = NSTemporaryDirectory() + "qwave-pad-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    subscript(name: String) -> String { path + "/" + name }

    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: self[name])
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }
    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: self[name])))
    }
    func write(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: self[name]))
    }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self[name]) }

    /// Both ends' pads, each from its enrollment.
    func pair(bytes: Int = 4096) throws {
        try Enrollment.create(at: self["a.enroll"], self["b.enroll"], bytes: bytes, name: "roof to cellar")
        try PadStore.create(directory: self["a"], enrollment: self["a.enroll"], as: .initiator)
        try PadStore.create(directory: self["b"], enrollment: self["b.enroll"])
    }
}

@Suite struct DiskTests {
    @Test func `enrollment makes two private files, never over old ones, and pads consume them`() throws {
        let scratch = try Scratch()
        try Enrollment.create(at: scratch["a"], scratch["b"], name: "link")
        #expect(try scratch.mode("a") == 0o600 && scratch.mode("b") == 0o600)
        let a = try Enrollment(reading: scratch["a"])
        let b = try Enrollment(reading: scratch["b"])
        #expect(a.role == .initiator && b.role == .responder && a.linkID == b.linkID && a.name == "link")
        #expect(a.secret.buffer.count == 65536 && a.secret.buffer.isEqual(to: b.secret.buffer))
        let old = try scratch.bytes("a")
        #expect(code { try Enrollment.create(at: scratch["c"], scratch["b"], name: "") } == .storage)
        #expect(!scratch.exists("c"))
        #expect(try scratch.bytes("a") == old)
        try PadStore.create(directory: scratch["pad"], enrollment: scratch["a"])
        #expect(!scratch.exists("a"))
        #expect(try scratch.mode("pad") == 0o700)
        for name in ["journal", "index", "link", "epoch-0", "lock"] {
            #expect(try scratch.mode("pad/" + name) == 0o600)
        }
        #expect(code { try PadStore.create(directory: scratch["pad"], enrollment: scratch["b"]) } == .storage)
        #expect(scratch.exists("b"))
    }

    @Test(arguments: [0, 1023, 16_777_217])
    func `a secret of another size is refused`(bytes: Int) throws {
        let scratch = try Scratch()
        #expect(
            code { try Enrollment.create(at: scratch["a"], scratch["b"], bytes: bytes, name: "") } == .usage)
        #expect(!scratch.exists("a") && !scratch.exists("b"))
    }

    @Test func `without randomness nothing is enrolled`() throws {
        let scratch = try Scratch()
        let failure = code {
            try Enrollment.create(at: scratch["a"], scratch["b"], name: "", random: FailingRandomSource())
        }
        #expect(failure == .noRandomness && !scratch.exists("a"))
    }

    @Test func `a missing, short, damaged or foreign enrollment makes no pad`() throws {
        let scratch = try Scratch()
        func make() -> QWaveError.Code? {
            code { try PadStore.create(directory: scratch["pad"], enrollment: scratch["x"], as: .initiator) }
        }
        #expect(make() == .notAuthenticated)
        try Enrollment.create(at: scratch["a"], scratch["b"], bytes: 1024, name: "n")
        let whole = try scratch.bytes("a")
        for count in [0, 10, 60, whole.count - 1] {
            try scratch.write(Array(whole.prefix(count)), "x")
            #expect(make() == .badInput)
        }
        for index in stride(from: 0, to: whole.count, by: 13) {
            var changed = whole
            changed[index] ^= 1
            try scratch.write(changed, "x")
            #expect(make() == .badInput, "byte \(index)")
        }
        try scratch.write(try scratch.bytes("b"), "x")
        #expect(make() == .notAuthenticated)
        #expect(!scratch.exists("pad"))
        try scratch.write(whole, "x")
        #expect(make() == nil)
    }

    @Test func `a pad has one user at a time, and says who it is`() throws {
        let scratch = try Scratch()
        try scratch.pair()
        let store = try PadStore(directory: scratch["a"])
        do {
            _ = try PadStore(directory: scratch["a"])
            Issue.record("two users")
        } catch {
            #expect(error.code == .unavailable)
            #expect(error.message.contains("process \(ProcessInfo.processInfo.processIdentifier)"))
        }
        try store.close()
        #expect(code { _ = try store.status() } == .storage)
        // Closed is closed, though the value lives on.
        _ = try PadStore(directory: scratch["a"])
    }

    @Test func `a lock goes with its owner`() throws {
        let scratch = try Scratch()
        try scratch.pair()
        do { _ = try PadStore(directory: scratch["a"]).status() }
        #expect(try PadStore(directory: scratch["a"], as: .initiator).name == "roof to cellar")
        #expect(code { _ = try PadStore(directory: scratch["a"], as: .responder) } == .notAuthenticated)
        #expect(code { _ = try PadStore(directory: scratch["none"]) } == .unavailable)
        try FileManager.default.createDirectory(atPath: scratch["empty"], withIntermediateDirectories: true)
        #expect(code { _ = try PadStore(directory: scratch["empty"]) } == .unavailable)
    }

    @Test func `files go from one directory to the other, over restarts, and used bytes are zeros on disk`()
        throws
    {
        let scratch = try Scratch()
        try scratch.pair()
        let message = seededBytes(100_000, seed: 1)
        try scratch.write(message, "message")
        for name in ["a", "b"] {
            let store = try PadStore(directory: scratch[name])
            try store.addPending(
                .test(0), sequence: 0, key: seededKey(bytes: 400_000, seed: 0), epsilon: 0x1p-40,
                assurance: "model")
            try store.markUsable(.test(0))
        }
        let segment = "\(ExchangeID.test(0))-0-0.pad"
        #expect(try scratch.mode("a/" + segment) == 0o600)
        do {
            let store = try PadStore(directory: scratch["a"])
            var input = try FileInput(scratch["message"])
            var output = try FileOutput(scratch["wrapped"])
            let report = try Wrapper(store).wrap(&input, to: &output)
            #expect(report.bytes == 100_000 && report.frames == 2 && report.padBytes == 100_040)
            try store.close()
        }
        #expect(try scratch.mode("wrapped") == 0o600)
        #expect(code { _ = try FileOutput(scratch["wrapped"]) } == .storage)
        do {
            let store = try PadStore(directory: scratch["b"])
            var input = try FileInput(scratch["wrapped"])
            var output = try FileOutput(scratch["opened"])
            try Opener(store).unwrap(&input, to: &output)
        }
        #expect(try scratch.bytes("opened") == message)
        for name in ["a/", "b/"] {
            let bytes = try scratch.bytes(name + segment)
            #expect(bytes.count == 200_000 && bytes[..<100_040].allSatisfy { $0 == 0 })
            #expect(!bytes[100_040...].allSatisfy { $0 == 0 })
        }
        let store = try PadStore(directory: scratch["b"])
        var input = try FileInput(scratch["wrapped"])
        var output = MemoryOutput()
        #expect(code { try Opener(store).unwrap(&input, to: &output) } == .notAuthenticated)
        #expect(try store.status().outgoing.burnt == 0)
    }
}
