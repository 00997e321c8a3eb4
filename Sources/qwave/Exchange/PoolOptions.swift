// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Foundation
internal import Pairing
internal import QWaveCore

/// A file in which the commissioning symbols of one radio, environment and configuration are gathered.
struct PoolOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Gather commissioning symbols in a file, and assess them by SP 800-90B from a million on.",
            valueName: "file"))
    var entropyPool: String?

    @Option(
        help: ArgumentHelp(
            "What pool and commissioning state call radio and surroundings; another name is another file.",
            valueName: "name"))
    var environment = ""

    func validate() throws {
        guard entropyPool != "-" else {
            throw ValidationError("a pool is a file, not standard input or output")
        }
    }

    /// Throws where an environment is named and nothing that has one.
    func validate(beside carrying: CarryOptions) throws {
        guard entropyPool != nil || carrying.commissioning != nil || environment.isEmpty else {
            throw ValidationError(
                "--environment names the surroundings of an --entropy-pool or of a --commissioning state")
        }
    }

    /// Far more than a pool's limit of symbols of every kind takes.
    private static let limit = 128 << 20

    /// The pool, nil where there is none yet or none is wanted.
    func read() throws(QWaveError) -> SymbolPool? {
        guard let entropyPool, FileManager.default.fileExists(atPath: entropyPool) else { return nil }
        do {
            return try SymbolPool(json: try Files.read(entropyPool, limit: Self.limit))
        } catch {
            throw QWaveError(error.code, "\(entropyPool): \(error.message)", cause: error.cause)
        }
    }

    /// Adds what an exchange published while it commissioned; a refused exchange's symbols too, for a pool of the good
    /// ones alone would flatter the channel.
    func add(_ outcome: ExchangeOutcome, captures: [String]) throws(QWaveError) {
        guard let entropyPool, let symbols = outcome.commissioningSymbols, let binding = outcome.poolBinding
        else {
            return
        }
        var pool = try read() ?? SymbolPool(binding: binding)
        try pool.check(binding)
        guard pool.add(symbols, exchange: outcome.identifier, captures: captures) else {
            StandardError.write(
                "qwave: these commissioning symbols stand in \(entropyPool) already; they count once")
            return
        }
        try Files.write(try pool.json(), to: entropyPool)
    }
}
