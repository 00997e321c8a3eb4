// SPDX-License-Identifier: GPL-3.0-or-later
import QWave
import Testing

/// The README's example for users of the library, with the one import that it promises.
@Suite struct UmbrellaTests {
    @Test func `one import is enough to simulate both ends`() throws {
        let simulator = try TwoSidedSimulator(SimulationParameters(snr: 20, speed: 1, duration: 1, seed: 7))
        let alice = try simulator.trace(.alice)
        let bob = try simulator.trace(.bob)
        #expect(alice.count == 50 && bob.count == 50)
        #expect(alice.description.simulated)
    }
}
