// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import QWaveCore
import Testing

@testable import Laboratory

@Suite struct EstimateBenchmarkTests {
    @Test func `at 20 dB every frame is found, at -20 dB none, and noise gives none`() throws {
        for (snr, probability) in [(20.0, 1.0), (-20, 0)] {
            let row = try EstimateBenchmark().run(
                EstimateCase(snr: snr, frames: 100, noiseMilliseconds: 10))
            #expect(row.detectionProbability == probability)
            #expect(row.wrongFrames == 0 && row.falseAlarms == 0)
            #expect(row.falseAlarmsPerMillisecondBound > 0)
            if let error = row.gainErrorOverBound { #expect(error > 0.7 && error < 1.3) }
            #expect((row.gainErrorOverBound == nil) == (probability == 0))
            #expect(row.values.count == EstimateRow.columns.count)
        }
    }

    @Test func `noise from the table has its power and a Gaussian's kurtosis`() {
        var random = ExperimentGenerator(seed: 3)
        var samples = [IQ](repeating: .zero, count: 1 << 18)
        NoiseTable(power: 2).fill(&samples, &random)
        let values = samples.flatMap { [Double($0.re), Double($0.im)] }
        let mean = values.reduce(0, +) / Double(values.count)
        let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
        let fourth = values.reduce(0) { $0 + $1 * $1 * $1 * $1 } / Double(values.count)
        #expect(abs(mean) < 0.01 && abs(square - 1) < 0.01)
        #expect(abs(fourth / (square * square) - 3) < 0.04)
    }

    @Test func `cases that can't be measured are refused`() {
        #expect(throws: QWaveError.self) { try EstimateBenchmark().run(EstimateCase(snr: .nan)) }
        #expect(throws: QWaveError.self) { try EstimateBenchmark().run(EstimateCase(snr: 0, frames: 0)) }
        #expect(throws: QWaveError.self) {
            try EstimateBenchmark().run(EstimateCase(snr: 0, noiseMilliseconds: 0))
        }
    }

    @Test func `a lower threshold finds more weak frames and takes more noise for candidates`() throws {
        let rows = try [Float(0.22), 0.36].map { threshold in
            try EstimateBenchmark().characteristic(
                EstimateCase(snr: 0, threshold: threshold, frames: 200, noiseMilliseconds: 40), snr: [-3, 10])
        }
        for row in rows {
            #expect(row.snr == [-3, 10] && row.detectionProbability[1] == 1)
            #expect(row.falseAlarms == 0 && row.falseAlarmsPerMillisecondBound > 0)
        }
        #expect(rows[0].detectionProbability[0] > rows[1].detectionProbability[0] + 0.1)
        #expect(rows[0].candidatesPerMillisecond > rows[1].candidatesPerMillisecond)
        #expect(rows[0].falseAlarmsPerMillisecondBound > rows[1].falseAlarmsPerMillisecondBound)
    }
}
