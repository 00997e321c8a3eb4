// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Fields
internal import Foundation
internal import PrivacyAmplification
internal import QWaveCore

/// `qwave amplify`: one stage alone, on a user's own key.
struct AmplifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "amplify",
        abstract: "Hashes your own key to a shorter one by a random Toeplitz matrix.",
        discussion: """
            Files are raw bytes: bit i is bit i mod 8 of byte i/8, and bits that the last byte doesn't need are \
            zero in the output and ignored elsewhere. With n bits of input and m of output, output bit i is the \
            sum over j of s[i - j + c - 1] x[j], over the c columns of the matrix:

              modified   [T | I]: c = n - m, and input bit c + i is added; the seed s has n - 1 bits
              plain      T: c = n; the seed has n + m - 1 bits

            The seed may be public, but it must be uniform, drawn after the key is fixed, and used for this key \
            only. This runs one stage: how many bits are secret is for you to know; nothing is certified. Whole \
            sessions: qwave pair.

            randextract and cryptomite take the same seed bits in another order, first column and then first row: \
            theirs is s[c-1], s[c], ..., then s[0], ..., s[c-2].

            Example, 1,000,000 bits to 500,000:
              head -c 125000 /dev/urandom > seed.bin
              qwave amplify --seed seed.bin --out-bits 500000 reconciled.bin secret.bin
            """)

    @Option(help: ArgumentHelp("The seed, - for standard input.", valueName: "file"))
    var seed: String

    @Option(help: ArgumentHelp("Bits of the output.", valueName: "bits"))
    var outBits: Int

    @Option(help: ArgumentHelp("Bits of the input; all of its bytes' unless given.", valueName: "bits"))
    var inBits: Int?

    @Option(
        help: "modified ([T | I]) or plain.",
        transform: { try AmplifyNames.form($0) })
    var toeplitz: ToeplitzHash.Form = .modified

    @Option(help: ArgumentHelp("1 or 2.", valueName: "n"))
    var threads = 1

    @Argument(help: ArgumentHelp("The key, - for standard input.", valueName: "input"))
    var input: String

    @Argument(help: ArgumentHelp("The shorter key, - for standard output.", valueName: "output"))
    var out: String

    @Flag(help: "Replace the output where it exists.")
    var force = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...2).contains(threads) else { throw ValidationError("--threads is 1 or 2, not \(threads)") }
        guard input != "-" || seed != "-" else {
            throw ValidationError("key and seed can't both come from standard input; give one a file")
        }
        guard out != "-" || !output.json else {
            throw ValidationError(
                "--json and an output to - would share standard output; give the output a file")
        }
    }

    func run() async throws {
        try WholeFile.check(out, replacing: force)
        let key = try BitFile(input)
        let seed = try BitFile(seed)
        let n = inBits ?? 8 * key.byteCount
        guard n <= 8 * key.byteCount else {
            throw QWaveError(
                .badInput, "\(input) holds \(8 * key.byteCount) bits, fewer than --in-bits \(n)")
        }
        let hash = ToeplitzHash(form: toeplitz, threads: threads)
        let seedBits = try hash.seedBits(inputBits: n, outputBits: outBits)
        guard seed.byteCount == (seedBits + 7) / 8 else {
            throw QWaveError(
                .badInput,
                "\(seed.path) has \(seed.byteCount) bytes; hashing \(n) bits to \(outBits) in the form "
                    + "\(toeplitz) takes a seed of \(seedBits) bits, exactly \((seedBits + 7) / 8) bytes")
        }
        let secret = try amplified(key, seed, hash, n)
        var bytes = secret.bytes
        defer { bytes.wipe() }
        try WholeFile.write(bytes, to: out, replacing: force)
        if out != "-" {
            try output.show(
                AmplifyResult(
                    inputBits: n, outputBits: outBits, seedBits: seedBits, toeplitz: "\(toeplitz)",
                    threads: threads, kernel: "\(ClmulKernel.chosen)", out: out))
        }
    }

    private func amplified(
        _ key: BitFile, _ seed: BitFile, _ hash: ToeplitzHash, _ n: Int
    ) throws -> BitString {
        let progress = Progress("amplifying")
        defer { progress.finish() }
        var stream = try ToeplitzStream(hash, inputBits: n, outputBits: outBits) {
            window throws(QWaveError) in
            try seed.bits(window)
        }
        while stream.received < n {
            try Task.checkCancellation()
            try stream.append(try key.bits(stream.received..<min(n, stream.received + stream.blockBits)))
            progress.update(Double(stream.received) / Double(n))
        }
        return try stream.finish()
    }
}

/// What `qwave amplify` tells.
struct AmplifyResult: CommandResult {
    let inputBits: Int
    let outputBits: Int
    let seedBits: Int
    let toeplitz: String
    let threads: Int
    let kernel: String
    let out: String

    var text: String {
        "Hashed \(inputBits) bits to \(outputBits) with \(seedBits) bits of seed (\(toeplitz)); wrote \(out)."
    }
}
