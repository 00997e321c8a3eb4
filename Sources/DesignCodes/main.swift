// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Reconciliation

let usage = """
    usage: design-codes make [NAME]               writes the code files of the library; run it at the package's top
           design-codes thresholds [STEPS]        density evolution of every mother code, at each tenth of its cuts
           design-codes degrees ROWS COLUMNS STEPS TRIALS SEED [DEGREE COUNT]...
                                                  searches column degrees, from the ones given
           design-codes measure LEAK BITS ERROR FRAMES [ITERATIONS [TRUST [RETRIES]]]
                                                  frames with simulated errors through the shipped codes
    """

/// The argument at a place as a number.
func number<T: LosslessStringConvertible>(_ place: Int, or standard: T? = nil) -> T {
    let arguments = CommandLine.arguments
    if place < arguments.count, let value = T(arguments[place]) { return value }
    if place >= arguments.count, let standard { return standard }
    print(usage)
    exit(64)
}

switch CommandLine.arguments.dropFirst().first {
case "make":
    try LongFamily.make(only: CommandLine.arguments.dropFirst(2).first)
case "thresholds":
    LongFamily.printThresholds(steps: number(2, or: 200))
case "degrees":
    var start: [Int: Double] = [:]
    for place in stride(from: 7, to: CommandLine.arguments.count, by: 2) {
        start[number(place)] = number(place + 1)
    }
    var search = DegreeSearch(rows: number(2))
    search.columns = number(3)
    search.steps = number(4)
    search.seed = number(6)
    let found = search.run(from: start, trials: number(5)) { print($0) }
    print(found.sorted { $0.key < $1.key })
case "measure":
    let leak: Double = number(2)
    guard let choice = LongCode.covering(leak: leak, bits: number(3)) else {
        print("no code leaks \(leak) in frames of that length")
        exit(64)
    }
    let code = try choice.code.code(lift: choice.lift)
    let trust: Int = number(7, or: 0)
    let measurement = Measurement(
        code: code, level: choice.level, errorRate: number(4), frames: number(5),
        iterations: number(6, or: 100),
        trust: trust == 0 ? nil : trust, retries: number(8, or: 0))
    print(measurement.run())
default:
    print(usage)
    exit(64)
}
