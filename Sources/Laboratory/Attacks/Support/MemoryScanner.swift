#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

// SPDX-License-Identifier: GPL-3.0-or-later

/// Looks for byte strings in the whole memory of this process: heap, stacks, and what was freed and not wiped.
///
/// It keeps what it looks for under a mask, so that it doesn't find itself. Linux only.
struct MemoryScanner {
    private static let mask: UInt8 = 0xA7
    private static let chunk = 1 << 20
    /// The bytes to look for, masked; all at least 12.
    private var needles: [[UInt8]] = []
    /// What each of them is, for people.
    private var names: [String] = []
    /// Which pairs of first bytes begin a needle.
    private var starts = [Bool](repeating: false, count: 1 << 16)

    /// Adds what to look for, byte by byte, so that no copy of it is made on the way.
    mutating func add(count: Int, _ name: String = "", _ byte: (Int) -> UInt8) {
        let needle = (0..<count).map { byte($0) ^ Self.mask }
        guard needle.count >= 12 else { return }
        needles.append(needle)
        names.append(name)
        starts[Int(needle[0] ^ Self.mask) << 8 | Int(needle[1] ^ Self.mask)] = true
    }

    /// Adds 24 bytes as they are, in hexadecimal and in base64.
    mutating func add(_ bytes: [UInt8], at start: Int, _ name: String = "") {
        let (digits, letters) = (Self.hexadecimal, Self.base64)
        add(count: 24, name) { bytes[start + $0] }
        add(count: 48, name + " in hexadecimal") {
            digits[Int($0 % 2 == 0 ? bytes[start + $0 / 2] >> 4 : bytes[start + $0 / 2] & 15)]
        }
        add(count: 32, name + " in base64") { place in
            let bit = 6 * place
            let pair = Int(bytes[start + bit / 8]) << 8 | (bit / 8 < 23 ? Int(bytes[start + bit / 8 + 1]) : 0)
            return letters[pair >> (10 - bit % 8) & 63]
        }
    }

    /// Adds three packed words as they are.
    mutating func add(_ words: Span<UInt64>, from first: Int, _ name: String) {
        // Inverted from the beginning: what a closure holds lies in memory in one piece.
        let (a, b, c) = (~words[first], ~words[first + 1], ~words[first + 2])
        add(count: 24, name) {
            ~UInt8(truncatingIfNeeded: ($0 < 8 ? a : $0 < 16 ? b : c) >> UInt64(8 * ($0 % 8)))
        }
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)
    private static let base64 = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    var count: Int { needles.count }
    /// What is looked for, in the clear.
    var plain: [[UInt8]] { needles.map { $0.map { $0 ^ Self.mask } } }

    /// How often anything of it stands in memory that can be written; nil where the memory can't be read.
    func hits() -> Int? { found()?.count }

    /// The names of what stands there, once for each place.
    func found() -> [String]? {
        let memory = unsafe open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
        guard memory >= 0 else { return nil }
        defer { _ = close(memory) }
        guard let maps = Self.writableRegions() else { return nil }
        let size = Self.chunk + 64
        guard let buffer = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            unsafe buffer != MAP_FAILED
        else { return nil }
        defer {
            unsafe memset(buffer, 0, size)
            _ = unsafe munmap(buffer, size)
        }
        let own = UInt(bitPattern: buffer)
        var total: [String] = []
        for region in maps {
            var start = region.lowerBound
            while start < region.upperBound {
                let length = min(size, Int(region.upperBound - start))
                defer { start += UInt(min(Self.chunk, length)) }
                // The buffer would find itself.
                if start < own + UInt(size), start + UInt(length) > own { continue }
                let got = unsafe pread(memory, buffer, length, off_t(start))
                guard got > 0 else { continue }
                let bytes = unsafe UnsafeRawBufferPointer(start: buffer, count: got)
                // Matches begin within the chunk; the overlap behind it belongs to the next.
                total += unsafe search(bytes, beginningBefore: min(got, Self.chunk))
            }
        }
        return total
    }

    private func search(_ bytes: UnsafeRawBufferPointer, beginningBefore end: Int) -> [String] {
        var found: [String] = []
        let count = bytes.count
        for place in 0..<min(end, count - 1) {
            let (first, second) = unsafe (bytes[place], bytes[place + 1])
            guard starts[Int(first) << 8 | Int(second)] else { continue }
            for (number, needle) in needles.enumerated() where place + needle.count <= count {
                var index = 0
                while index < needle.count, (unsafe bytes[place + index]) ^ Self.mask == needle[index] {
                    index += 1
                }
                if index == needle.count { found.append(names[number]) }
            }
        }
        return found
    }

    /// Mapped memory that is read and written.
    private static func writableRegions() -> [Range<UInt>]? {
        let file = unsafe open("/proc/self/maps", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { _ = close(file) }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let got = unsafe piece.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
            guard got > 0 else { break }
            text += piece.prefix(got)
        }
        return text.split(separator: 0x0A).compactMap { line -> Range<UInt>? in
            let fields = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard fields.count >= 2, fields[1].hasPrefix("rw") else { return nil }
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : nil
        }
    }
}
