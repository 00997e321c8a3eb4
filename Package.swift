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

/// A room of the house: one module, one job (see Documentation/architecture.md).
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
    products: [
        .library(name: "QWave", targets: ["QWave"]),
        .executable(name: "qwave", targets: ["qwave"]),
    ],
    traits: [
        .trait(name: "USRP", description: "USRP radios through libuhd; without it nothing needs it."),
        .default(enabledTraits: ["USRP"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
    ],
    targets: [
        .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"])]),
        // No pkgConfig: Debian's uhd.pc asks for libboost_system, which the C interface doesn't need and
        // libuhd-dev doesn't install.
        .systemLibrary(name: "CUHD", providers: [.apt(["libuhd-dev"])]),
        .target(name: "CKernels"),
        room("QWaveCore", ["CKernels"]),
        room("Statistics", ["QWaveCore"]),
        room("Fields", ["QWaveCore", "CKernels"]),
        room("Transforms", ["QWaveCore", "CFFTW"]),
        room("CaptureFormats", ["QWaveCore"]),
        room("ChannelModels", ["QWaveCore", "Statistics", "Transforms"]),
        room("ChannelEstimation", ["QWaveCore", "Transforms", "CKernels"]),
        room("Quantization", ["QWaveCore", "Statistics", "Transforms"]),
        room("Reconciliation", ["QWaveCore", "Fields", "CKernels"]),
        room("Secrecy", ["QWaveCore", "Statistics"]),
        room("PrivacyAmplification", ["QWaveCore", "Fields", "CKernels"]),
        room("Authentication", ["QWaveCore", "Fields"]),
        room("OneTimePad", ["QWaveCore", "Authentication", "CKernels"]),
        room("FaultStorage", ["QWaveCore", "OneTimePad"]),
        room(
            "Pairing",
            [
                "QWaveCore", "Statistics", "Quantization", "Reconciliation", "Secrecy",
                "PrivacyAmplification",
                "Authentication",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        room(
            "Transport",
            [
                "QWaveCore", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        room(
            "Radio",
            [
                "QWaveCore", "Transforms", "CaptureFormats", "ChannelModels", "ChannelEstimation",
                "Transport", .target(name: "CUHD", condition: .when(traits: ["USRP"])),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        room(
            "Laboratory",
            [
                "QWaveCore", "Statistics", "Transforms", "ChannelModels", "ChannelEstimation",
                "CaptureFormats",
                "Quantization", "Reconciliation", "Secrecy", "PrivacyAmplification", "Authentication",
                "Fields",
                "Pairing", "OneTimePad", "FaultStorage", "Transport", "QWave",
            ]),
        room(
            "QWave",
            [
                "QWaveCore", "Statistics", "Fields", "Transforms", "CaptureFormats", "ChannelModels",
                "ChannelEstimation", "Quantization", "Reconciliation", "Secrecy", "PrivacyAmplification",
                "Authentication", "OneTimePad", "Pairing",
            ]),
        .executableTarget(
            name: "qwave",
            dependencies: [
                "QWave", "QWaveCore", "Transport", "CaptureFormats", "ChannelEstimation", "ChannelModels",
                "Fields",
                "Quantization", "Secrecy", "Reconciliation", "PrivacyAmplification", "Laboratory",
                "Pairing", "OneTimePad", "Radio", "CFFTW", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "design-codes", dependencies: ["QWaveCore", "Reconciliation"], path: "Sources/DesignCodes",
            swiftSettings: strict),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "QWaveCore", "CaptureFormats", "ChannelEstimation", "Quantization", "Reconciliation",
                "Secrecy", "OneTimePad",
                "Pairing", "Radio", "Transport", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/Fuzz", swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["QWaveCore"], path: "Tests/TestSupport", swiftSettings: strict
        ),
        tests("QWaveCore"),
        tests("Reconciliation", ["QWaveCore", "Fields", "CKernels"]),
        tests("Quantization", ["Statistics", "Transforms", "ChannelModels", "CaptureFormats"]),
        tests(
            "Pairing",
            ["Authentication", "ChannelModels", "CaptureFormats", "Quantization", "Secrecy", "Statistics"]),
        tests("Transforms"),
        tests("Statistics"),
        tests("Fields", ["CKernels"]),
        tests("Authentication"),
        tests("PrivacyAmplification", ["CKernels", "Fields", "leakprobe"]),
        .executableTarget(
            name: "usrpbench", dependencies: ["QWaveCore", "Radio"], path: "Tests/USRPBench",
            swiftSettings: strict),
        .executableTarget(name: "leakprobe", dependencies: ["CKernels"], path: "Tests/LeakProbe"),
        tests("ChannelModels"),
        tests(
            "qwave",
            [
                "QWave", "CaptureFormats", "ChannelEstimation", "ChannelModels", "Fields", "Laboratory",
                "OneTimePad", "Radio", "Secrecy",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        tests(
            "Transport",
            [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        tests("Secrecy", ["Statistics"]),
        tests("CaptureFormats"),
        tests("ChannelEstimation", ["QWaveCore", "CKernels", "Transforms", "CaptureFormats"]),
        tests(
            "Laboratory",
            [
                "QWaveCore", "Reconciliation", "Statistics", "Secrecy", "ChannelEstimation", "ChannelModels",
                "OneTimePad",
            ]),
        tests("OneTimePad", ["Authentication", "FaultStorage"]),
        tests("Radio", ["usrpbench", "ChannelEstimation", "ChannelModels", "Transport"]),
    ],
    swiftLanguageModes: [.v6]
)
