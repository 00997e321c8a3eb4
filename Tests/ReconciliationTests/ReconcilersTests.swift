// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Testing

@testable import Reconciliation

@Suite struct ReconcilersTests {
    @Test func `every name and family selects an engine`() throws {
        for name in Reconcilers.names + Reconcilers.families { _ = try Reconcilers.named(name) }
    }

    @Test(arguments: ["ldpc-1000", "ldpc-1000-low-leak", "cascade-yan"])
    func `an engine's own name selects it`(_ name: String) throws {
        #expect(try Reconcilers.named(name).name == name)
    }

    @Test(arguments: [
        "", "ldpc-", "ldpc-15", "ldpc--1000", "ldpc-1000-", "ldpc-1000-fast", "ldpc-9999999", "x",
    ])
    func `another name is a usage error that tells the names`(_ name: String) {
        let error = #expect(throws: QWaveError.self) { try Reconcilers.named(name) }
        #expect(error?.code == .usage && error?.message.contains("cascade-yan") == true)
    }

    @Test func `auto takes log-likelihoods and short keys to LDPC, long hard keys to Cascade`() {
        #expect(Reconcilers.automatic(bits: 1_000_000, isSoft: true) is LDPC)
        #expect(Reconcilers.automatic(bits: 4096, isSoft: false) is LDPC)
        #expect(Reconcilers.automatic(bits: 4097, isSoft: false) is Cascade)
        #expect(Reconcilers.wireless.usesSoftValues && !Cascade().usesSoftValues)
    }
}
