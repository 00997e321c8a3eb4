// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

#if FUZZER
    /// libFuzzer's own driver: with it the executable keeps its `main`.
    @_silgen_name("LLVMFuzzerRunDriver")
    private func runDriver(
        _ count: UnsafeMutablePointer<CInt>,
        _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
        _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    ) -> CInt

    /// A C function can't capture what it is to fuzz.
    nonisolated(unsafe) private var chosen = Surface.captures
#endif

/// Feeds one surface with bytes: those of files, or, built by `Scripts/fuzz`, those that libFuzzer invents.
@main
enum Fuzz {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count > 1, let surface = Surface(rawValue: arguments[1]) else {
            complain(
                "usage: fuzz SURFACE FILE...\nSurfaces: \(Surface.allCases.map(\.rawValue).joined(separator: ", "))"
            )
            exit(64)
        }
        #if FUZZER
            unsafe chosen = surface
            // The surface's name is ours; what follows is libFuzzer's.
            var count = CommandLine.argc - 1
            var pointers = unsafe CommandLine.unsafeArgv + 1
            exit(
                unsafe runDriver(&count, &pointers) { bytes, count in
                    unsafe chosen.feed(Array(UnsafeBufferPointer(start: bytes, count: count)))
                    return 0
                })
        #else
            for path in arguments.dropFirst(2) {
                guard let bytes = FileManager.default.contents(atPath: path) else {
                    complain("fuzz: \(path) can't be read")
                    exit(66)
                }
                surface.feed(Array(bytes))
            }
        #endif
    }

    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
