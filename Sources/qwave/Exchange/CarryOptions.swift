// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Foundation
internal import Pairing
internal import QWaveCore

/// A file with the samples that both ends published so far: what an exchange commissions from beside a refresh.
struct CarryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Carry what was published from exchange to exchange in a file: then only a refresh is published.",
            valueName: "file"))
    var commissioning: String?

    @Option(
        help: ArgumentHelp(
            "Fraction of the pairs that is published beside --commissioning; at least 256 are.",
            valueName: "0..1"))
    var refresh = CommissioningCarry.defaultRefresh

    @Option(help: ArgumentHelp("Pairs that --commissioning keeps, the newest.", valueName: "pairs"))
    var window = CommissioningCarry.defaultWindow

    func validate() throws {
        guard commissioning != "-" else {
            throw ValidationError("a commissioning state is a file, not standard input or output")
        }
        guard refresh > 0, refresh < 1 else {
            throw ValidationError("--refresh is a fraction between 0 and 1, not \(refresh)")
        }
        guard CommissioningCarry.windows.contains(window) else {
            throw ValidationError(
                "--window is \(CommissioningCarry.windows.lowerBound) to "
                    + "\(CommissioningCarry.windows.upperBound) pairs, not \(window)")
        }
    }

    /// More than the largest window takes.
    static let limit = 256 << 20

    /// What an end carries over; nil without --commissioning.
    ///
    /// - Parameters:
    ///   - environment: what the user calls radio and surroundings.
    ///   - anew: begins a new window, whatever the file holds.
    func read(_ options: ExchangeOptions, environment: String, anew: Bool = false) throws(QWaveError)
        -> CommissioningCarry?
    {
        guard let commissioning else { return nil }
        var carry = CommissioningCarry(
            refresh: refresh, window: window, name: commissioning, environment: environment)
        try carry.validate(options)
        guard !anew, FileManager.default.fileExists(atPath: commissioning) else { return carry }
        let state = try Self.state(commissioning)
        guard state.environment == environment else {
            throw QWaveError(
                .usage,
                "\(commissioning) is of another environment: '\(state.environment)' there, '\(environment)' here; "
                    + "keep one state for each")
        }
        carry.state = state
        try carry.checkHealth()
        return carry
    }

    /// Reads a file; errors name it.
    static func state(_ path: String) throws(QWaveError) -> CommissioningState {
        let bytes = try Files.read(path, limit: limit)
        do { return try CommissioningState(json: bytes) } catch {
            throw QWaveError(error.code, "\(path): \(error.message)", cause: error.cause)
        }
    }

    /// Writes the window after an exchange, in one step; nothing where the exchange left it as it was.
    func write(_ outcome: ExchangeOutcome) throws(QWaveError) {
        guard let commissioning, let state = outcome.commissioningState else { return }
        try Files.write(try state.json(), to: commissioning)
        if !state.dropped.isEmpty {
            StandardError.write(
                "qwave: \(commissioning) serves no longer (\(state.dropped.joined(separator: ", "))): "
                    + "look at the channel, then remove it to commission anew")
        }
    }

    /// What an event of the exchange says of the window; nil for every other event.
    static func line(_ event: ExchangeEvent) -> String? {
        guard case .carried(let pairs, let reason) = event else { return nil }
        guard pairs == 0 else {
            return "qwave: \(pairs) pairs of earlier exchanges commission with a refresh"
        }
        return "qwave: no common commissioning state: commissioning in full"
            + (reason.map { " (\($0))" } ?? "")
    }
}
