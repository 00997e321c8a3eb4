// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Transport

enum NetworkChecks {
    /// One message there and back over loopback TCP.
    static func loopback() async -> Finding {
        let question: [UInt8] = [1, 2, 3, 4]
        let limits = Limits(wait: .seconds(5))
        do throws(QWaveError) {
            let answer = try await Transport.withListener(host: "127.0.0.1", port: 0, limits: limits) {
                listener async throws(QWaveError) in
                async let reply = Transport.connect(
                    host: "127.0.0.1", port: listener.port, deadline: .seconds(5), limits: limits
                ) { link async throws(QWaveError) in
                    try await link.send(question)
                    return try await link.receive()
                }
                try await listener.accept(deadline: .seconds(5)) { link async throws(QWaveError) in
                    try await link.send(link.receive())
                }
                do { return try await reply } catch {
                    throw error as? QWaveError ?? QWaveError(.internalFault, "\(error)")
                }
            }
            guard answer == question else {
                return Finding(
                    "loopback", .failure, "an answer over TCP on 127.0.0.1 differs from what was sent",
                    advice: "switch off what rewrites local connections, a proxy or a filter")
            }
            return Finding("loopback", .good, "TCP on 127.0.0.1 works")
        } catch {
            return Finding(
                "loopback", .failure, "TCP on 127.0.0.1 fails: \(error)",
                advice: "bring the loopback interface up, and let local connections through the firewall")
        }
    }
}
