// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

extension Certificate {
    /// What `injectionDetection` may say.
    public static let untaggedProbes = "none: the probes carried no tag"
    public static let taggedProbes = "computational: probes carried a keyed tag"
    /// The code hash of a program that doesn't know its own.
    static let unversioned = "unversioned build"

    /// Names, hashes and time: of the form that an exchange writes.
    func verifyContext() -> [String] {
        var faults: [String] = []
        let hashes = [
            ("threat model", context.threatModelHash), ("configuration", context.configurationHash),
        ]
        for (what, hash) in hashes where !Self.isDigest(hash) {
            faults.append("the hash of the \(what) isn't 64 hexadecimal digits")
        }
        let code = context.codeHash
        if code != Self.unversioned, !Self.isDigest(code.hasPrefix("sha256:") ? code.dropFirst(7) : code[...])
        {
            faults.append("the hash of the code isn't 64 hexadecimal digits")
        }
        if code != context.software["source"] ?? Self.unversioned {
            faults.append("the hash of the code isn't that of the named software")
        }
        if context.block.isEmpty { faults.append("the block has no name") }
        if (try? Date.ISO8601FormatStyle().parse(context.time)) == nil {
            faults.append("the time is none of ISO 8601")
        }
        return faults + verifyInjectionDetection()
    }

    private func verifyInjectionDetection() -> [String] {
        var faults: [String] = []
        if ![Self.untaggedProbes, Self.taggedProbes].contains(injectionDetection) {
            faults.append("injection detection is \"\(injectionDetection)\": there is no such kind")
        }
        let counted = health.contains { $0.name == Self.injectionTest }
        if injectionDetection != context.injectionDetection
            || counted != (injectionDetection == Self.taggedProbes)
        {
            faults.append("injection detection isn't what context and health tests say")
        }
        return faults
    }

    private static func isDigest(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
