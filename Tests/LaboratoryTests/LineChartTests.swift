// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import Laboratory

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct LineChartTests {
    @Test(arguments: [[0.0], [1.0, 1.08], [0.5, 30], [-3, 4], [1e-4, 2e-4]])
    func `an axis holds its values and has round ticks`(_ values: [Double]) {
        let axis = Axis(values, isLogarithmic: false)
        for value in values { #expect(axis.place(value) >= -1e-9 && axis.place(value) <= 1 + 1e-9) }
        #expect(axis.ticks.count >= 2 && axis.ticks.count <= 12)
        #expect(axis.ticks.first == axis.low && axis.ticks.last == axis.high)
    }

    @Test func `a logarithmic axis spans whole decades and leaves out what it can't show`() {
        let axis = Axis([0, 3, 250, .nan], isLogarithmic: true)
        #expect(axis.ticks == [1, 10, 100, 1000])
        #expect(abs(axis.place(10) - 1.0 / 3) < 1e-12)
    }

    @Test func `an axis without values doesn't fail`() {
        #expect(Axis([], isLogarithmic: false).place(0.5) == 0.5)
        #expect(Axis([.nan, -1], isLogarithmic: true).place(10) == 1)
    }

    @Test func `a plot is well-formed XML with a line for each series`() throws {
        let row = ReconcileRow(
            protocol: "a<b&c", frameBits: 100, errorRate: 0.05, soft: false, frames: 1, framesPerBlock: 1,
            threads: 1, megabitsPerSecond: 3, wallMegabitsPerSecond: 3, microsecondsPerFrame: 33,
            efficiency: 1.2, finiteLengthEfficiency: 1.1, leakForward: 30, leakBackward: 1, frameErrorRate: 0,
            undetectedFailures: 0, messages: 2, rounds: 1, rounds99: 1, publicBits: 80)
        let plot = ReconcilePlot(rows: [row], channels: [.binarySymmetric(errorRate: 0.05)])
        let parser = XMLParser(data: Data(plot.svg.utf8))
        #expect(parser.parse())
        #expect(plot.svg.contains("a&lt;b&amp;c, 100 bits"))
        #expect(plot.svg.contains("Shannon limit") && plot.svg.contains("one message, 100 bits"))
    }
}
