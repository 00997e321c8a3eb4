// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

extension LDPCCode {
    /// Cuts that go on where `cuts` end: always one of the longest rows in its middle, until there are `rows`.
    static func middleCuts(boundaries: [Int], cuts: [Int], rows: Int) -> [Int] {
        let ends = (boundaries + cuts).sorted()
        var stretches = zip(ends, ends.dropFirst()).map { (start: $0, end: $1) }
        var byLength = [[Int]](repeating: [], count: degreeLimit + 1)
        for (index, stretch) in stretches.enumerated() { byLength[stretch.end - stretch.start].append(index) }
        var result: [Int] = []
        var length = degreeLimit
        while length >= 2, stretches.count < rows {
            guard let index = byLength[length].popLast() else {
                length -= 1
                continue
            }
            let (start, end) = stretches[index]
            let middle = (start + end) / 2
            result.append(middle)
            byLength[middle - start].append(index)
            byLength[end - middle].append(stretches.count)
            stretches[index] = (start, middle)
            stretches.append((middle, end))
        }
        return result
    }

    /// The same code with more levels, up to as many rows as columns.
    func cutFurther() throws(QWaveError) -> LDPCCode {
        let boundaries = baseBoundaries.map { Int($0) }
        let known = cuts.map { Int($0) }
        return try LDPCCode(
            lift: lift, columns: columns, edges: edges, boundaries: boundaries,
            cuts: known + Self.middleCuts(boundaries: boundaries, cuts: known, rows: columns), unit: unit)
    }
}
