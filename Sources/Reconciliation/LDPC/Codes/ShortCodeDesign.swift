// SPDX-License-Identifier: GPL-3.0-or-later

/// What a code for short frames is made from: shares of column degrees for one range of leak.
///
/// The shares were found by hill climbing on the mean leak at which blind decoding ends, at 1,024 bits, on soft
/// and hard channels; the same shares serve all short lengths.
struct ShortCodeDesign: Sendable, Hashable {
    /// Column degrees, the lowest first, and their shares in thousandths.
    let degrees: [Degree]
    /// Rows of level 0 for a thousand columns. Cutting them adds the others.
    let baseRows: Int

    struct Degree: Sendable, Hashable {
        var degree: Int
        var share: Int
    }

    init(baseRows: Int, _ degrees: [(Int, Int)]) {
        self.baseRows = baseRows
        self.degrees = degrees.map { Degree(degree: $0.0, share: $0.1) }
    }

    /// The designs, each with the leak, in thousandths of a frame's bits, from which it is used.
    static let all: [(from: Int, design: ShortCodeDesign)] = [
        (0, ShortCodeDesign(baseRows: 50, [(2, 187), (3, 626), (5, 18), (13, 139), (22, 30)])),
        (155, ShortCodeDesign(baseRows: 95, [(2, 151), (3, 660), (6, 51), (8, 63), (22, 75)])),
        (260, ShortCodeDesign(baseRows: 150, [(2, 300), (3, 500), (8, 100), (13, 100)])),
        (350, ShortCodeDesign(baseRows: 210, [(2, 400), (3, 430), (10, 120), (17, 50)])),
        (440, ShortCodeDesign(baseRows: 250, [(2, 500), (3, 350), (10, 134), (13, 16)])),
        (580, ShortCodeDesign(baseRows: 350, [(2, 550), (3, 280), (10, 140), (22, 30)])),
        (700, ShortCodeDesign(baseRows: 430, [(2, 600), (3, 240), (10, 130), (22, 30)])),
        (810, ShortCodeDesign(baseRows: 500, [(2, 620), (3, 230), (8, 120), (22, 30)])),
    ]

    /// The number of the design for a first leak of `rows` of `columns` bits.
    static func number(rows: Int, columns: Int) -> Int {
        all.lastIndex { $0.from * columns <= rows * 1000 } ?? 0
    }

    /// The degree of each of `columns` columns, ascending.
    func columnDegrees(_ columns: Int) -> [Int] {
        var result: [Int] = []
        var sum = 0
        for part in degrees {
            sum += part.share
            let end = part.degree == degrees[degrees.count - 1].degree ? columns : (sum * columns + 500) / 1000
            while result.count < end { result.append(part.degree) }
        }
        return result
    }
}
