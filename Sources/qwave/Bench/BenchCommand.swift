// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser

/// `qwave bench`: what the stages do on this machine.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures stages on this machine: throughput, leak, failures.",
        discussion: """
            Times are processor time of one thread, so that other work on the machine counts little; quiet \
            machines still give the better figures.

            Example:
              qwave bench reconcile --protocol cascade --frame 100000 --error-rate 0.02
            """,
        subcommands: [
            BenchReconcileCommand.self, BenchAmplifyCommand.self, BenchEstimateCommand.self,
            BenchHealthCommand.self,
        ])
}
