// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport
import Testing

@Suite struct SecretBufferTests {
    static let sizes = [0, 1, 15, 16, 17, 63, 64, 65, 4096]

    private func bytes(of buffer: borrowing SecretBuffer) -> [UInt8] {
        buffer.withBytes { span in span.indices.map { span[$0] } }
    }

    // The expectation macro can't take a noncopyable value apart.
    private func equal(_ a: borrowing SecretBuffer, _ b: borrowing SecretBuffer) -> Bool { a.isEqual(to: b) }

    @Test(arguments: sizes)
    func `a buffer holds what it was given, and zeros when given nothing`(size: Int) {
        let source = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 1) }
        let buffer = SecretBuffer(copying: source)
        let (count, held) = (buffer.count, bytes(of: buffer))
        #expect(count == size && held == source)
        let zeros = bytes(of: SecretBuffer(count: size))
        #expect(zeros == [UInt8](repeating: 0, count: size))
    }

    @Test(arguments: sizes)
    func `equality is that of the bytes, at every position`(size: Int) {
        let source = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let buffer = SecretBuffer(copying: source)
        let same = equal(buffer, SecretBuffer(copying: source))
        let longer = equal(buffer, SecretBuffer(copying: source + [0]))
        #expect(same && !longer)
        for index in source.indices {
            var other = source
            other[index] ^= 0x80
            let changed = equal(buffer, SecretBuffer(copying: other))
            #expect(!changed, "byte \(index)")
            #expect(!constantTimeEqual(source, other))
        }
        #expect(constantTimeEqual(source, source) && !constantTimeEqual(source, source + [0]))
    }

    @Test func `a copy lives on its own`() {
        var original = SecretBuffer(copying: [1, 2, 3])
        let copy = original.copy()
        original.withMutableBytes { $0[1] = 9 }
        let (first, second) = (bytes(of: original), bytes(of: copy))
        #expect(first == [1, 9, 3] && second == [1, 2, 3])
    }

    @Test func `random buffers come from the source and fail with it`() throws {
        let first = try SecretBuffer(random: 32, from: SeededRandomSource(seed: 1))
        let drawn = bytes(of: first)
        #expect(try drawn == SeededRandomSource(seed: 1).bytes(32))
        let a = try SecretBuffer(random: 32, from: SystemRandomSource())
        let b = try SecretBuffer(random: 32, from: SystemRandomSource())
        let isRepeated = equal(a, b)
        #expect(!isRepeated)
        do {
            _ = try SecretBuffer(random: 32, from: FailingRandomSource())
            Issue.record("a failing source must throw")
        } catch {
            #expect(error.code == .noRandomness)
        }
    }

    @Test(arguments: sizes)
    func `wiping leaves zeros`(size: Int) {
        var secret = [UInt8](repeating: 0xA5, count: size)
        secret.wipe()
        #expect(secret == [UInt8](repeating: 0, count: size))
    }

    @Test func `buffers of all sizes in any order stay apart and are zero when they come again`() {
        var random = SplitMix64(seed: 3)
        func check(_ depth: Int) -> Bool {
            guard depth > 0 else { return true }
            let size = Int(random.next() % (depth % 7 == 0 ? 200_000 : 600))
            var buffer = SecretBuffer(count: size)
            let isZero = buffer.withBytes { bytes in bytes.indices.allSatisfy { bytes[$0] == 0 } }
            let fill = UInt8(truncatingIfNeeded: depth)
            buffer.withMutableBytes { bytes in for index in 0..<bytes.count { bytes[index] = fill } }
            // Others come and go meanwhile.
            let others = check(depth - 1)
            let isWhole = buffer.withBytes { bytes in bytes.indices.allSatisfy { bytes[$0] == fill } }
            return isZero && others && isWhole
        }
        for _ in 0..<20 { #expect(check(40)) }
    }

    /// The flags of the memory region that holds an address.
    private static func flags(of address: UInt) throws -> [Substring] {
        // A file of /proc says no size: it is read to its end, not in one piece.
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/smaps"))
        let smaps = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
        var isInside = false
        for line in smaps.split(separator: "\n") {
            let words = line.split(separator: " ")
            let ends = words[0].split(separator: "-").map { UInt($0, radix: 16) }
            if ends.count == 2, let first = ends[0], let end = ends[1] {
                isInside = first <= address && address < end
            }
            if isInside, words[0] == "VmFlags:" { return Array(words.dropFirst()) }
        }
        return []
    }

    /// The first number of the line that begins with `name`; as good as endless where there is none.
    private static func number(_ path: String, _ name: String) throws -> Int {
        let text = String(
            decoding: try FileHandle(forReadingFrom: URL(fileURLWithPath: path)).readToEnd() ?? Data(),
            as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
        return line.dropFirst(name.count).split(separator: " ").compactMap { Int($0) }.first ?? 1 << 40
    }

    /// Small ones share pages, large ones have their own.
    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/smaps"), "Linux only"),
        arguments: [1, 16, 4096, 300_000])
    func `secrets lie in memory that is locked, left out of core dumps, and not a child's`(count: Int) throws
    {
        let buffer = SecretBuffer(copying: [UInt8](repeating: 7, count: count))
        let address = buffer.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        }
        let flags = try Self.flags(of: address)
        #expect(flags.contains("dd") && flags.contains("wf"), "\(flags)")
        // The lock goes as far as the process is allowed to.
        let room =
            try Self.number("/proc/self/limits", "Max locked memory") - Self.number(
                "/proc/self/status", "VmLck:") * 1024
        #expect(flags.contains("lo") || room < max(count, 1 << 16), "\(flags), room for \(room) bytes")
        let kept = buffer.withBytes { bytes in bytes.indices.allSatisfy { bytes[$0] == 7 } }
        #expect(kept)
    }
}
