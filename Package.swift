// swift-tools-version: 6.2
// SPDX-License-Identifier: GPL-3.0-or-later
import PackageDescription

/// Strict everywhere: Swift 6 mode, explicit imports and existentials, every unsafe expression marked.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
]

/// A room of the house: one module, one job (see Documentation/design.md).
func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests that mirror a room.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies,
        swiftSettings: strict)
}

let package = Package(
    name: "QWave",
    platforms: [.macOS(.v15)],
    products: [],
    dependencies: [],
    targets: [
        .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"])]),
        .target(name: "CKernels"),
        room("QWaveCore", ["CKernels"]),
        room("Statistics", ["QWaveCore"]),
        room("Fields", ["QWaveCore", "CKernels"]),
        room("Transforms", ["QWaveCore", "CFFTW"]),
        room("CaptureFormats", ["QWaveCore"]),
        room("ChannelModels", ["QWaveCore"]),
        room("Quantization", ["QWaveCore", "Statistics", "Transforms"]),
        room("Reconciliation", ["QWaveCore", "Fields", "CKernels"]),
        room("Secrecy", ["QWaveCore", "Statistics"]),
        room("PrivacyAmplification", ["QWaveCore", "Fields", "CKernels"]),
        room("Authentication", ["QWaveCore", "Fields"]),
        room("OneTimePad", ["QWaveCore", "Authentication", "CKernels"]),
        .target(name: "TestSupport", dependencies: ["QWaveCore"], path: "Tests/TestSupport", swiftSettings: strict),
        tests("QWaveCore"),
        tests("Fields", ["CKernels"]),
        tests("Authentication"),
        tests("OneTimePad", ["Authentication"]),
    ],
    swiftLanguageModes: [.v6]
)
