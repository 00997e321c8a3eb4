// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser

/// `qwave`: the root of the command line.
///
/// To add a subcommand: one file with an `AsyncParsableCommand` named after it, its type in `subcommands` below.
/// Logic belongs to the rooms; a command reads options, calls one function, and shows its result through
/// `OutputOptions`. Throw `QWaveError`, whose code decides the exit status (`ExitStatus`).
struct RootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "qwave",
        abstract: "Makes secret keys out of a radio channel, and keeps them as a one-time pad.",
        discussion: """
            Files are arguments; - is standard input or output. With --json, standard output holds one JSON \
            object and nothing else. Progress and messages go to standard error.

            Exit status: 0 done; 3 no key, refused, with the reasons; 64 usage; 65 bad input; 69 device or peer \
            not there; 76 protocol violation; 77 not authenticated; 70 anything else.
            """,
        version: Version.text,
        subcommands: subcommands)

    /// Every subcommand, in the order of the help.
    static let subcommands: [any ParsableCommand.Type] = [
        SimulateCommand.self,
        InspectCommand.self,
        EstimateCommand.self,
        ReplayCommand.self,
        EnrollCommand.self,
        ProbeCommand.self,
        CalibrateCommand.self,
        EtherCommand.self,
        PairCommand.self,
        PadCommand.self,
        WrapCommand.self,
        UnwrapCommand.self,
        QuantizeCommand.self,
        ReconcileCommand.self,
        AmplifyCommand.self,
        EntropyCommand.self,
        CertificateCommand.self,
        AttackCommand.self,
        SweepCommand.self,
        BenchCommand.self,
        DemoCommand.self,
        DoctorCommand.self,
    ]
}
