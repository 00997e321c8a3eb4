// SPDX-License-Identifier: GPL-3.0-or-later

extension Certificate {
    /// What a certificate of a key must name besides: its captures and the software.
    ///
    /// The program always does. Who runs an exchange of the library may have given it no names, so `verifyArithmetic`
    /// doesn't ask for them.
    public func verifyNames() -> [String] {
        guard length > 0 else { return [] }
        var faults: [String] = []
        if context.captures.isEmpty || context.captures.contains(where: { $0.allSatisfy(\.isWhitespace) }) {
            faults.append("no capture is named, or one has no name")
        }
        if context.software.isEmpty { faults.append("no software is named") }
        return faults
    }
}
