// SPDX-License-Identifier: GPL-3.0-or-later

/// How many columns, and how many rows, have which number of edges.
struct Degrees: Equatable {
    /// Columns by degree.
    var columns: [Int: Double]
    /// Rows by degree.
    var rows: [Int: Double]

    var edges: Double { columns.reduce(0) { $0 + Double($1.key) * $1.value } }
    var leak: Double { rows.values.reduce(0, +) / columns.values.reduce(0, +) }

    /// Given columns, and `rows` rows of degrees as equal as can be.
    init(columns: [Int: Double], rows: Int) {
        self.columns = columns
        self.rows = [:]
        let edges = self.edges
        let low = Int(edges / Double(rows))
        let high = edges - Double(low * rows)
        self.rows[low] = Double(rows) - high
        if high > 0 { self.rows[low + 1] = high }
    }

    init(columns: [Int: Double], rows: [Int: Double]) {
        self.columns = columns
        self.rows = rows
    }
}

/// Density evolution of the integer decoder on an endless random graph: its own box-plus, its own clamps.
///
/// One step is a flooding iteration; the layered decoder needs about half as many. (Richardson, Shokrollahi,
/// Urbanke, Design of capacity-approaching irregular LDPC codes, 2001.)
struct DensityEvolution {
    static let messageLimit = 40
    var steps = 200
    var wanted = 1e-5

    /// What came of a channel.
    struct Outcome {
        /// Steps used.
        var steps: Int
        /// Share of wrong bits at the end.
        var error: Double
    }

    func run(_ degrees: Degrees, _ channel: Channel) -> Outcome {
        let input = channel.distribution
        let limit = Self.messageLimit
        let edges = degrees.edges
        let columns = degrees.columns.filter { $0.value > 0 }
        let rows = degrees.rows.filter { $0.value > 0 }
        let columnCount = columns.values.reduce(0, +)
        let highest = columns.keys.max() ?? 0
        let longest = rows.keys.max() ?? 0
        var message = [Double](repeating: 0, count: 2 * limit + 1)
        message[limit] = 1
        var error = 1.0
        var best = 1.0
        for step in 0..<steps {
            // sums[j]: the channel's value and j messages.
            var sums = [input]
            for _ in 0..<highest { sums.append(convolve(sums[sums.count - 1], message)) }
            error = 0
            var leaving = [Double](repeating: 0, count: 255)
            for (degree, count) in columns {
                let p = sums[degree]
                error += count / columnCount * (p[..<127].reduce(0, +) + p[127] / 2)
                let share = count * Double(degree) / edges
                let sum = sums[degree - 1]
                for i in 0..<255 { leaving[i] += share * sum[i] }
            }
            if error < wanted { return Outcome(steps: step, error: error) }
            if step % 10 == 9 {
                if error > best * 0.9995 { break }
                best = error
            }
            let one = CheckDensity(values: leaving)
            var chain = [one]
            while chain.count < longest - 1 { chain.append(CheckDensity.join(chain[chain.count - 1], one)) }
            message = [Double](repeating: 0, count: 2 * limit + 1)
            for (degree, count) in rows {
                let share = count / edges
                // chain[j] joins j + 1 inputs; the output on edge k joins the k before it and those after.
                chain[degree - 2].add(to: &message, limit: limit, share: 2 * share)
                var k = 1
                while k < degree - 1 {
                    let other = degree - 1 - k
                    if k > other { break }
                    let joined = CheckDensity.join(chain[k - 1], chain[other - 1])
                    joined.add(to: &message, limit: limit, share: (k == other ? 1 : 2) * share)
                    k += 1
                }
            }
            // A rounding error in the sum would grow by a factor of degrees each step.
            let sum = message.reduce(0, +)
            for i in message.indices { message[i] /= sum }
        }
        return Outcome(steps: steps, error: error)
    }

    /// The largest disagreement that still gives way, to about 1e-5.
    func threshold(_ degrees: Degrees, soft: Bool = false) -> Double {
        var low = 0.0
        var high = 0.5
        while high - low > 1e-5 {
            let middle = (low + high) / 2
            let isBelowCapacity = (soft ? Channel.soft(middle) : .hard(middle)).entropy < degrees.leak
            if isBelowCapacity, run(degrees, soft ? .soft(middle) : .hard(middle)).error < wanted {
                low = middle
            } else {
                high = middle
            }
        }
        return low
    }

    /// The sum of a value in -127...127 and a message, held to -127...127.
    private func convolve(_ values: [Double], _ message: [Double]) -> [Double] {
        let reach = message.count / 2
        var wide = [Double](repeating: 0, count: 255 + 2 * reach)
        unsafe wide.withUnsafeMutableBufferPointer { wide in
            unsafe values.withUnsafeBufferPointer { values in
                for j in 0..<message.count where message[j] > 1e-15 {
                    let weight = message[j]
                    for i in 0..<255 { unsafe wide[i + j] += weight * values[i] }
                }
            }
        }
        var held = Array(wide[reach..<reach + 255])
        held[0] += wide[..<reach].reduce(0, +)
        held[254] += wide[(reach + 255)...].reduce(0, +)
        return held
    }
}
