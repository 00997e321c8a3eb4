// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Transport

/// The link of a single stage between two hosts: `--connect HOST:PORT`, or else `--listen [ADDRESS:]PORT`.
struct PeerLink {
    let connect: String?
    let listen: String?
    /// Longest wait at any point, in seconds.
    let wait: Int

    /// Runs `body` over the link, which is closed behind it. Throws `.usage` for an end that isn't written so.
    func run<Result: Sendable>(
        _ body: (any Link) async throws(QWaveError) -> Result
    ) async throws(QWaveError) -> Result {
        var limits = Limits()
        limits.wait = .seconds(wait)
        if let connect {
            let (host, port) = try Endpoint.parse(connect, host: nil, option: "--connect")
            return try await Transport.connect(
                host: host, port: port, deadline: .seconds(wait), limits: limits, body)
        }
        let (host, port) = try Endpoint.parse(listen ?? "", host: "127.0.0.1", option: "--listen")
        return try await Transport.listen(
            host: host, port: port, deadline: .seconds(wait), limits: limits,
            ready: { StandardError.write("qwave: listening on \(host) port \($0)") }, body)
    }
}
