// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    import ChannelEstimation
    import ChannelModels
    import Foundation
    import QWaveCore
    import TestSupport

    /// The channel between two virtual USRPs, made by our own models, and how well an end's trace agrees with it.
    ///
    /// The model is TGn-D with its delays stretched twenty times: at 1 MS/s what it is at 20.
    struct AirModel {
        private let channel: FadingChannel
        private let taps: [ChannelModel.Tap]
        /// Rows of the file, and of the table that traces are compared with, a second.
        private static let rate = 50.0
        private let seconds: Double

        init(speed: Double, seconds: Double, seed: UInt64) throws {
            var parameters = SimulationParameters(
                model: try ChannelModel(named: "tgn-d"), speed: speed, duration: seconds, seed: seed)
            parameters.impairments = .none
            channel = try TwoSidedSimulator(parameters).channel
            taps = parameters.model.taps
            self.seconds = seconds
        }

        /// - Parameter rate: rows a second.
        func write(_ url: URL, rate: Double = Self.rate) throws {
            try FadingFile.write(
                url, delays: taps.map { $0.delay * 20e-9 }, rate: rate, rows: Int(seconds * rate)
            ) { time in channel.tapGains(at: time).map { ($0.re, $0.im) } }
        }

        /// Agreement of each snapshot with the channel at its time: |Σ h·conj(m)|/(|h||m|) over the tones, with the
        /// phase and the delay that every snapshot has of its own taken off.
        ///
        /// A device's clock has an unknown zero: the one at which powers over tones and time agree best.
        func agreement(_ trace: ChannelTrace) -> [Double] {
            guard let first = trace.time(at: 0) else { return [] }
            let table = (0..<Int(seconds * Self.rate)).map {
                channel.response(at: Double($0) / Self.rate, tones: SoundingBurst.tones)
            }
            let levels = table.map { $0.map { $0.amplitude } }
            let places = (0..<trace.count).map {
                Int((((trace.time(at: $0) ?? 0) - first) * Self.rate).rounded())
            }
            let heard = (0..<trace.count).map { trace.gains(at: $0).map(\.amplitude) }
            func likeness(_ shift: Int) -> Float {
                zip(places, heard).reduce(0) { sum, entry in
                    let model = levels[shift + entry.0]
                    var (cross, own, other): (Float, Float, Float) = (0, 0, 0)
                    for (a, b) in zip(entry.1, model) {
                        cross += a * b
                        own += a * a
                        other += b * b
                    }
                    return sum + cross / (own * other).squareRoot()
                }
            }
            let shifts = 0..<max(1, table.count - (places.max() ?? 0) - 1)
            let best = shifts.max { likeness($0) < likeness($1) } ?? 0
            return (0..<trace.count).map { index in
                (max(0, best - 1)...best + 1).map {
                    Self.coherence(
                        Array(trace.gains(at: index)), table[min($0 + places[index], table.count - 1)])
                }.max() ?? 0
            }
        }

        static func coherence(_ a: [IQ], _ b: [IQ]) -> Double {
            let products = zip(a, b).map { $0 * $1.conjugate }
            let power = a.reduce(0) { $0 + Double($1.power) } * b.reduce(0) { $0 + Double($1.power) }
            // A delay of up to three samples either way, in steps of 1/32.
            let sums = (-96...96).map { step in
                var (re, im) = (0.0, 0.0)
                for (tone, product) in zip(SoundingBurst.tones, products) {
                    let angle = 2 * Double.pi * Double(tone * step) / (64 * 32)
                    re += Double(product.re) * cos(angle) - Double(product.im) * sin(angle)
                    im += Double(product.re) * sin(angle) + Double(product.im) * cos(angle)
                }
                return re * re + im * im
            }
            return (sums.max() ?? 0).squareRoot() / power.squareRoot()
        }
    }
#endif
