// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import QWaveCore
internal import Radio

/// `qwave ether`: serves a virtual ether to radios of other processes.
struct EtherCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ether",
        abstract: "Serves a virtual ether, in which other processes' radios are.",
        discussion: """
            Radios join with --radio virtual:join=HOST:PORT; the initiator is Alice, the responder Bob. Time passes \
            while both are there, as fast as the processors do. It serves until it is interrupted.

            The ether is described as for --radio virtual: by \
            model=tgn-d,snr=20,speed=1,seed=…,rate=20e6,carrier=2.437e9,offset=1000,ppm=10,drift=0.001,loss=0,chains=0,\
            lead=1e-4: SNR in dB in one gain after estimation, speed in m/s, the clocks' difference in ppm and the \
            carriers' in Hz.

            Example:
              qwave ether --port 7411 model=tgn-d,snr=20,seed=7
            """)

    @Argument(help: ArgumentHelp("What the air is.", valueName: "description"))
    var description = ""

    @Option(help: ArgumentHelp("Address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("TCP port; 0 takes a free one.", valueName: "port"))
    var port = 7411

    @OptionGroup var output: OutputOptions

    /// Where the ether listens.
    private struct Place: Encodable {
        var host: String
        var port: Int
    }

    func run() async throws {
        var fields = try RadioArguments(description)
        let parameters = try EtherParameters(&fields, settings: RadioSettings())
        try fields.finish(known: EtherParameters.keys)
        let host = host
        let json = output.json
        try await EtherServer(try Ether(parameters)).serve(host: host, port: port) { port in
            StandardError.write("qwave: the ether listens on \(host) port \(port)")
            // Programs read the port that was taken.
            if json { try? StandardOutput.write(JSON.line(Place(host: host, port: port))) }
        }
    }
}
