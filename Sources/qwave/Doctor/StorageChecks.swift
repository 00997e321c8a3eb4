// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore

/// What a pad needs of its folder.
enum StorageChecks {
    /// A file is written, forced to the disk and taken away again, for the pad's journal reserves before it uses.
    static func durability(in folder: String) -> Finding {
        let path = folder + "/.qwave-doctor-\(UInt64.random(in: 0 ... .max))"
        let descriptor = unsafe open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            return Finding(
                "storage", .failure, "no file can be made in \(folder): \(reason())",
                advice:
                    "make the folder and give this user the right to write there, or choose another with --pad"
            )
        }
        defer {
            close(descriptor)
            unsafe unlink(path)
        }
        let bytes = [UInt8](repeating: 0x5A, count: 4096)
        guard unsafe write(descriptor, bytes, bytes.count) == bytes.count else {
            return Finding(
                "storage", .failure, "a file in \(folder) can't be written: \(reason())",
                advice: "make room on that disk, or choose another folder with --pad")
        }
        let begun = ContinuousClock.now
        guard synchronize(descriptor) == 0 else {
            return Finding(
                "storage", .failure, "fdatasync fails in \(folder): \(reason())",
                advice: "keep pads on a local disk whose file system can force data to it")
        }
        let seconds = (ContinuousClock.now - begun) / .seconds(1)
        let time = (seconds * 1000).formatted(
            .number.precision(.fractionLength(2)).locale(Locale(identifier: "en_US")))
        return Finding("storage", .good, "fdatasync in \(folder) works (\(time) ms for 4 KiB)")
    }

    /// Room for blocks and the journal.
    static func freeSpace(in folder: String) -> Finding {
        var status = statvfs()
        guard unsafe statvfs(folder, &status) == 0 else {
            return Finding(
                "space", .failure, "free space in \(folder) can't be asked: \(reason())",
                advice: "make the folder, or choose another with --pad")
        }
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        let detail = "\(free >> 20) MiB free in \(folder)"
        if free < 16 << 20 {
            return Finding(
                "space", .failure, detail, advice: "free some: below 16 MiB the journal may not fit")
        }
        if free < 1 << 30 {
            return Finding("space", .warning, detail, advice: "a pad of some use wants 1 GiB")
        }
        return Finding("space", .good, detail)
    }

    private static func reason() -> String { unsafe String(cString: strerror(errno)) }

    private static func synchronize(_ descriptor: Int32) -> Int32 {
        #if os(Linux)
            fdatasync(descriptor)
        #else
            fsync(descriptor)
        #endif
    }
}
