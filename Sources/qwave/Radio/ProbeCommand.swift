// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import CaptureFormats
internal import Foundation
internal import QWaveCore
internal import Radio

/// `qwave probe`: sounds the channel with another radio, and records it.
struct ProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Sounds the channel to another radio and records it as a trace.",
        discussion: """
            One end initiates, the other responds; start both with the same --rate, --count, --sacrifice, \
            --turnaround, --radio-rate, --frequency and --key. Neither needs the other's clock: the responder \
            answers each probe a fixed turnaround after it began. Probes are paired by their numbers: \
            qwave replay takes the two traces.

            Without --key the probes' tags are made with a key that everybody knows, and injected probes go \
            unnoticed. Sacrificed probes go into a trace of their own (--sacrificed), which both ends may publish: \
            for qwave calibrate, never for keys.

            Radios: \(RadioHelp.text)

            Examples:
              qwave probe --role responder --radio virtual:model=tgn-d,snr=20,seed=7 --out bob.qwt
              qwave probe --role initiator --radio virtual: --out alice.qwt
              qwave probe --role responder --radio addr=192.168.10.2 --radio-rate 20e6 --frequency 2437 \
            --tx-gain 60 --rx-gain 40 --out bob.qwt
            """)

    @Option(help: ArgumentHelp("The radio; see above.", valueName: "radio"))
    var radio: String

    @Option(help: ArgumentHelp("initiator, who sends first, or responder, who answers.", valueName: "role"))
    var role: ProbeRole

    @OptionGroup(title: "Radio") var options: RadioOptions

    @Option(help: ArgumentHelp("Probes a second.", valueName: "1/s"))
    var rate = 50.0

    @Option(help: ArgumentHelp("Probes, the sacrificed ones not counted.", valueName: "n"))
    var count = 3000

    @Option(help: ArgumentHelp("A secret file of at least 16 bytes that both ends have.", valueName: "file"))
    var key: String?

    @Option(help: ArgumentHelp("How long nothing may be heard.", valueName: "s"))
    var patience = 30.0

    @Option(help: ArgumentHelp("The trace of the probes.", valueName: "file.qwt"))
    var out: String

    @Option(help: ArgumentHelp("A trace of the sacrificed probes.", valueName: "file.qwt"))
    var sacrificed: String?

    @Option(help: ArgumentHelp("Record what the radio receives, for --radio file:NAME.", valueName: "name"))
    var record: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard rate > 0, rate <= 1e5 else { throw ValidationError("--rate is above 0 and at most 1e5") }
        guard (1...10_000_000).contains(count) else { throw ValidationError("--count is 1 to 10000000") }
        guard patience > 0, patience <= 1e6 else { throw ValidationError("--patience is above 0") }
        guard sacrificed == nil || options.sacrifice > 0 else {
            throw ValidationError("--sacrificed writes what --sacrifice n gives")
        }
    }

    func run() async throws {
        let key = try probeKey()
        let device = try await RadioDrivers.standard.open(radio, as: role.party, options.settings)
        let recorder: RecordingTransceiver?
        do {
            recorder = try record.map { name throws(QWaveError) in try RecordingTransceiver(device, to: name)
            }
        } catch {
            await device.close()
            throw error
        }
        let radio: any Transceiver = recorder ?? device
        do {
            var plan = options.plan(radio.capabilities, probes: count, rate: rate)
            plan.patience = .seconds(patience)
            let progress = Progress("probing")
            let total = Double(count)
            let series = try await ProbeSession.run(radio, plan, key: key, as: role.party) { snapshot, _ in
                progress.update(Double(snapshot.sequence ?? 0) / total)
            }
            progress.finish()
            await radio.close()
            if let silence = series.silence { throw silence }
            try write(series)
            try await recorder?.finish()
            try output.show(ProbeOutcome(series, out: out))
        } catch {
            await radio.close()
            if let failure = recorder?.failure, (error as? QWaveError)?.code != failure.code {
                StandardError.write("qwave: \(failure.message)")
            }
            throw error
        }
    }

    private func probeKey() throws -> ProbeKey {
        guard let key else { return .known }
        let bytes = try Files.read(key, limit: 4096)
        return try ProbeKey(SecretBuffer(copying: bytes.span))
    }

    private func write(_ series: ProbeSeries) throws {
        var description = series.trace.description
        description.format = CaptureFormat.trace.rawValue
        let writer = try TraceFileWriter(path: out, description: description)
        for index in 0..<series.trace.count { try writer.append(series.trace[index]) }
        try writer.finish()
        guard let sacrificed else { return }
        description.comment += ", sacrificed: published, never to be keyed"
        let other = try TraceFileWriter(path: sacrificed, description: description)
        for probe in series.sacrificed {
            try other.append(
                Snapshot(
                    sequence: UInt64(probe.sequence), shape: SnapshotShape(subcarriers: probe.gains.count),
                    gains: probe.gains))
        }
        try other.finish()
    }
}

/// Which end of the ping-pong.
enum ProbeRole: String, CaseIterable, ExpressibleByArgument, Encodable {
    case initiator, responder

    var party: Party.Role { self == .initiator ? .initiator : .responder }
}

/// What `--radio` takes, for help texts.
enum RadioHelp {
    static var text: String { RadioDrivers.standard.drivers.map(\.help).joined(separator: "; ") }
}

/// A prober on a radio of any kind.
enum ProbeSession {
    static func run(
        _ radio: any Transceiver, _ plan: ProbePlan, key: ProbeKey, as role: Party.Role,
        heard: (Snapshot, ProbeTally) -> Void
    ) async throws(QWaveError) -> ProbeSeries {
        try await open(radio, Prober(plan, key: key, role: role), heard)
    }

    private static func open(
        _ radio: some Transceiver, _ prober: Prober, _ heard: (Snapshot, ProbeTally) -> Void
    ) async throws(QWaveError) -> ProbeSeries {
        try await prober.run(on: radio, heard: heard)
    }
}
