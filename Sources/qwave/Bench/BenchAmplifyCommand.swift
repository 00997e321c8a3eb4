// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Fields
internal import Foundation
internal import Laboratory
internal import PrivacyAmplification
internal import QWaveCore

/// `qwave bench amplify`: the Toeplitz hash at many lengths.
struct BenchAmplifyCommand: AsyncParsableCommand, MeasuresItself {
    static let configuration = CommandConfiguration(
        commandName: "amplify",
        abstract: "Measures privacy amplification: throughput and memory of the Toeplitz hash.",
        discussion: """
            A row for each input length, output length and kernel. Throughput is input bits over the median \
            processor time of a hash, of both threads where there are two; the peak is the resident memory of the \
            whole process, with key, seed and output in it.

            Examples:
              qwave bench amplify
              qwave bench amplify --in 1e6 --out half,tenth,256 --toeplitz plain
              qwave bench amplify --in 1e5,1e6 --kernel generic,avx512 --json
            """)

    @Option(name: .customLong("in"), help: ArgumentHelp("Key bits; several by commas.", valueName: "bits"))
    var input = "1e4,1e5,1e6,1e7,1e8"

    @Option(help: ArgumentHelp("half, tenth, or a number of bits; several by commas.", valueName: "bits"))
    var out = "half,tenth"

    @Option(
        help: ArgumentHelp(
            "\(AmplifyNames.kernels), or all that this machine has; several by commas.", valueName: "name"))
    var kernel = "automatic"

    @Option(
        help: "modified ([T | I]) or plain.",
        transform: { try AmplifyNames.form($0) })
    var toeplitz: ToeplitzHash.Form = .modified

    @Option(help: ArgumentHelp("1 or 2.", valueName: "n"))
    var threads = 1

    @Option(help: ArgumentHelp("Processor time for each row.", valueName: "s"))
    var seconds = 0.5

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...2).contains(threads) else { throw ValidationError("--threads is 1 or 2, not \(threads)") }
        guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds is above 0, to 3600") }
        _ = try cases()
    }

    private struct Case {
        var kernel: ClmulKernel
        var inputBits: Int
        var outputBits: Int
    }

    private func cases() throws -> [Case] {
        let lengths = try NumberList.counts(input, option: "--in")
        let kernels =
            try kernel == "all"
            ? ClmulKernel.available.filter { $0 != .automatic }
            : kernel.split(separator: ",").map { try AmplifyNames.kernel(String($0)) }
        var cases: [Case] = []
        for kernel in kernels {
            for length in lengths {
                for part in out.split(separator: ",") {
                    let bits =
                        switch part {
                        case "half": length / 2
                        case "tenth": length / 10
                        default: try NumberList.counts(String(part), option: "--out")[0]
                        }
                    guard bits >= 1, bits <= length else {
                        throw ValidationError("--out \(part) makes \(bits) bits of \(length)")
                    }
                    cases.append(Case(kernel: kernel, inputBits: length, outputBits: bits))
                }
            }
        }
        guard !cases.isEmpty else { throw ValidationError("--in, --out and --kernel name no case") }
        return cases
    }

    func run() async throws {
        var rows: [AmplifyRow] = []
        let cases = try cases()
        let progress = Progress("measuring")
        for (index, test) in cases.enumerated() {
            try Task.checkCancellation()
            let benchmark = AmplifyBenchmark(
                form: toeplitz, kernel: test.kernel, threads: threads, seconds: seconds)
            rows.append(try benchmark.run(inputBits: test.inputBits, outputBits: test.outputBits))
            progress.update(Double(index + 1) / Double(cases.count))
            progress.finish()
            if !output.json {
                if index == 0 { try StandardOutput.write(BenchAmplifyTable.header + "\n") }
                try StandardOutput.write(BenchAmplifyTable.line(rows[index]) + "\n")
            }
        }
        if output.json { try StandardOutput.write(JSON.line(BenchAmplifyResult(rows: rows))) }
    }
}

/// The rows as one JSON object.
struct BenchAmplifyResult: Encodable {
    var rows: [AmplifyRow]
}

/// The rows for a person.
enum BenchAmplifyTable {
    static let header = line([
        "form", "input", "output", "kernel", "algorithm", "Mbit/s", "by clock", "peak MB", "B/input B",
    ])

    static func line(_ row: AmplifyRow) -> String {
        line([
            row.form, "\(row.inputBits)", "\(row.outputBits)", row.kernel, row.algorithm,
            number(row.megabitsPerSecond, 0), number(row.wallMegabitsPerSecond, 0),
            number(Double(row.peakBytes) / 1e6, 1),
            number(Double(row.peakBytes) * 8 / Double(row.inputBits), 1),
        ])
    }

    private static func number(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }

    private static func line(_ cells: [String]) -> String {
        zip(cells, [8, 10, 10, 9, 9, 7, 8, 8, 9]).map { cell, width in
            String(repeating: " ", count: max(0, width - cell.count)) + cell
        }.joined(separator: " ")
    }
}

/// The words of the options of `amplify` and `bench amplify`.
enum AmplifyNames {
    static let kernels = ClmulKernel.allCases.map { "\($0)" }.joined(separator: ", ")

    static func kernel(_ name: String) throws -> ClmulKernel {
        guard let kernel = ClmulKernel.allCases.first(where: { "\($0)" == name }) else {
            throw ValidationError("'\(name)' is no kernel; there are \(kernels)")
        }
        return kernel
    }

    static func form(_ name: String) throws -> ToeplitzHash.Form {
        switch name {
        case "modified": .modified
        case "plain": .plain
        default: throw ValidationError("'\(name)' is no form; give modified or plain")
        }
    }
}
