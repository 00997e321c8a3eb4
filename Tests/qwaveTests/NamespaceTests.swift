// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// Two hosts as two network namespaces of this one, joined by a virtual cable.
private final class Hosts {
    static let isPossible =
        geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/sbin/ip")
        && FileManager.default.isExecutableFile(atPath: "/usr/sbin/nft")

    /// Names of the namespaces, and of each one's end of the cable.
    let alice: String
    let bob: String
    private let cables: (String, String)

    init() throws {
        let number = Int.random(in: 10_000..<99_999)
        alice = "qwa\(number)"
        bob = "qwb\(number)"
        cables = ("qva\(number)", "qvb\(number)")
        for name in [alice, bob] { try Self.ip("netns", "add", name) }
        try Self.ip(
            "link", "add", cables.0, "netns", alice, "type", "veth", "peer", "name", cables.1, "netns", bob)
        for (name, cable, address) in [(alice, cables.0, "10.77.0.1/24"), (bob, cables.1, "10.77.0.2/24")] {
            try Self.ip("-n", name, "addr", "add", address, "dev", cable)
            try Self.ip("-n", name, "link", "set", cable, "up")
            try Self.ip("-n", name, "link", "set", "lo", "up")
        }
    }

    deinit { for name in [alice, bob] { try? Self.ip("netns", "del", name) } }

    static func ip(_ arguments: String...) throws { try command("/usr/sbin/ip", arguments) }

    private static func command(_ path: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let text = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
            throw Failure(text: "\(path) \(arguments): \(text)")
        }
    }

    /// Drops a share of the packets that come to Bob's session port, in percent.
    func lose(_ percent: Int, port: Int) throws {
        let rules =
            "add table inet q; add chain inet q in { type filter hook input priority 0; }; "
            + "add rule inet q in tcp dport \(port) numgen random mod 100 < \(percent) drop"
        try Self.command("/usr/sbin/ip", ["netns", "exec", bob, "/usr/sbin/nft", rules])
    }

    func cut() throws { try Self.ip("-n", bob, "link", "set", cables.1, "down") }
    func mend() throws { try Self.ip("-n", bob, "link", "set", cables.1, "up") }

    func inside(_ name: String) -> [String] { ["/usr/sbin/ip", "netns", "exec", name] }
}

@Suite(.serialized) struct NamespaceTests {
    @Test(.enabled(if: Hosts.isPossible, "takes root, iproute2 and nftables"))
    func `two hosts whose link loses packets and is cut for a while make the same key`() throws {
        try Ends.with { ends in
            let hosts = try Hosts()
            try hosts.lose(10, port: 7000)
            let bob = try RunningTool(
                ["pair", "listen", "--host", "10.77.0.2", "--pad", "bob", "--port", "7000", "--json"]
                    + ["--radio", "virtual:serve=10.77.0.2:7411,\(RadioCommandTests.air)"]
                    + RadioCommandTests.exchange, in: ends.folder, through: hosts.inside(hosts.bob))
            _ = try bob.port()
            // The connecting end finds the ether where the listening end is.
            let alice = try RunningTool(
                ["pair", "connect", "10.77.0.2", "--pad", "alice", "--port", "7000", "--json", "--radio"]
                    + ["virtual:"] + RadioCommandTests.exchange, in: ends.folder,
                through: hosts.inside(hosts.alice))
            usleep(700_000)
            try hosts.cut()
            usleep(1_000_000)
            try hosts.mend()
            let outcomes = (try alice.wait(), try bob.wait())
            #expect(outcomes.0.status == 0, "\(outcomes.0.errors)")
            #expect(outcomes.1.status == 0, "\(outcomes.1.errors)")
            let books = (try ends.status("alice"), try ends.status("bob"))
            #expect(books.0.outgoing.generated > 0)
            #expect(books.0.outgoing.generated == books.1.incoming.generated)
            try ends.check(["wrap", "--pad", "alice", "-", "frame"], input: [1, 2, 3])
            #expect(
                try ends.check(["unwrap", "--pad", "bob", "frame", "-"]).output.utf8.elementsEqual([1, 2, 3]))
        }
    }
}
