// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Transforms

/// Between tones and samples of one OFDM symbol.
enum ToneGrid {
    /// Where a tone index stands in a transform.
    static func bin(_ tone: Int, _ fftLength: Int) -> Int { tone < 0 ? tone + fftLength : tone }

    /// One symbol without guard interval, of mean power 1.
    static func samples(tones: [Int], values: [IQ], fftLength: Int) -> [IQ] {
        var spectrum = [IQ](repeating: .zero, count: fftLength)
        let scale = Float(fftLength) / values.reduce(0) { $0 + $1.power }.squareRoot()
        for (tone, value) in zip(tones, values) { spectrum[bin(tone, fftLength)] = value * scale }
        return FFT(length: fftLength).inverse(spectrum)
    }

    /// The symbol with its last `guardLength` samples in front.
    static func guarded(_ symbol: [IQ], guardLength: Int) -> [IQ] {
        symbol.suffix(guardLength) + symbol
    }
}
