// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@Suite struct BytesTests {
    private func isViolation(_ error: any Error) -> Bool {
        (error as? QWaveError)?.code == .protocolViolation
    }

    @Test func `integers are big-endian and floats are their bit patterns`() {
        var writer = ByteWriter()
        writer.write(UInt8(0xAB))
        writer.write(UInt16(0x0102))
        writer.write(Int32(-2))
        writer.write(UInt64(0x0102_0304_0506_0708))
        writer.write(Double(1.5))
        writer.write(Float(-2))
        #expect(
            writer.bytes == [
                0xAB, 1, 2, 0xFF, 0xFF, 0xFF, 0xFE, 1, 2, 3, 4, 5, 6, 7, 8, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0,
                0xC0, 0,
                0, 0,
            ])
    }

    @Test func `what was written is read back`() throws {
        for size in [0, 1, 7, 8, 9, 63, 64, 65, 200] {
            let bits = BitString.seeded(count: size, seed: UInt64(size))
            let bytes = (0..<size).map { UInt8($0 & 255) }
            var writer = ByteWriter()
            writer.write(Int64.min)
            writer.write(bits)
            writer.writeCounted(bytes)
            writer.write(Double.pi)
            writer.write(Float.infinity)
            writer.write(bytes)
            var reader = ByteReader(writer.bytes)
            #expect(try reader.read(Int64.self) == .min)
            #expect(try reader.readBits(limit: size) == bits)
            #expect(try reader.readCounted(limit: size) == bytes)
            #expect(try reader.readDouble() == .pi)
            #expect(try reader.readFloat() == .infinity)
            #expect(reader.remaining == size)
            #expect(try reader.read(count: size) == bytes)
            try reader.finish()
        }
    }

    @Test func `every read past the end throws and takes nothing`() throws {
        let reads: [(inout ByteReader) throws -> Void] = [
            { _ = try $0.read(UInt64.self) }, { _ = try $0.readDouble() }, { _ = try $0.readFloat() },
            { _ = try $0.read(count: 8) }, { _ = try $0.read(count: -1) }, { _ = try $0.read(count: .max) },
        ]
        for read in reads {
            var reader = ByteReader([1, 2, 3])
            #expect { try read(&reader) } throws: { isViolation($0) }
            #expect(reader.position == 0 && reader.remaining == 3)
        }
    }

    @Test func `declared counts are bounded by the limit and by the bytes`() {
        var over = ByteReader([0, 0, 0, 9] + [UInt8](repeating: 0, count: 9))
        #expect { try over.readCounted(limit: 8) } throws: { isViolation($0) }
        var huge = ByteReader([0xFF, 0xFF, 0xFF, 0xFF, 1])
        #expect { try huge.readCounted(limit: .max) } throws: { isViolation($0) }
        var bits = ByteReader([0, 0, 0, 65] + [UInt8](repeating: 0, count: 9))
        #expect { try bits.readBits(limit: 64) } throws: { isViolation($0) }
        var short = ByteReader([0, 0, 0, 65] + [UInt8](repeating: 0, count: 8))
        #expect { try short.readBits(limit: 1000) } throws: { isViolation($0) }
    }

    @Test func `bytes that are left over are an error`() throws {
        var reader = ByteReader([1, 2], what: "greeting")
        _ = try reader.read(UInt8.self)
        #expect { try reader.finish() } throws: { error in
            isViolation(error) && "\(error)".contains("greeting")
        }
    }
}
