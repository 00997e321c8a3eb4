// SPDX-License-Identifier: GPL-3.0-or-later

/// Levenberg–Marquardt over the phases and slopes of some neighbors among the snapshots of a window.
///
/// Minimizes Σ zᴴ K z, K = R⁻¹ − I/σ², with the residuals' linearization: gradient Re Dᴴ K z, Hessian Re Dᴴ K D, D the
/// derivatives of z; what lies outside the modes adds |∂H|²/σ² to the Hessian's diagonal blocks.
struct JointStep {
    let groups: Int
    let noise: Float
    /// K of the window.
    let precision: [Lanes]
    /// First snapshot of the window, and its length.
    let start: Int
    let count: Int
    /// The first snapshot that turns, counted from the window's, and how many do.
    let fixed: Int
    let free: Int

    /// The last `free` snapshots of the window of `count` that ends before `end` turn.
    init(_ law: BlockLaw, end: Int, count: Int, free: Int) {
        groups = law.groups
        noise = law.noise
        precision = law.precisions[count]
        start = end - count
        self.count = count
        fixed = count - free
        self.free = free
    }

    /// Snapshots `first` … `first + free − 1` of the whole block turn.
    init(_ law: BlockLaw, first: Int, free: Int) {
        groups = law.groups
        noise = law.noise
        precision = law.blockPrecision
        start = 0
        count = law.block
        fixed = first
        self.free = free
    }

    /// Buffers that outlive a step.
    struct Workspace {
        var contextRe: [Lanes]
        var contextIm: [Lanes]
        var weightedRe: [Lanes]
        var weightedIm: [Lanes]
        var gradient: [Float]
        var hessian: [Float]
        var factor: [Float]
        var step: [Float]
        var phases: [Float]
        var slopes: [Float]

        init(groups: Int, free window: Int) {
            contextRe = [Lanes](repeating: .zero, count: window * groups)
            contextIm = contextRe
            weightedRe = contextRe
            weightedIm = contextRe
            gradient = [Float](repeating: 0, count: 2 * window)
            step = gradient
            phases = gradient
            slopes = gradient
            hessian = [Float](repeating: 0, count: 4 * window * window)
            factor = hessian
        }
    }

    /// The window's cost, with what lies outside the modes.
    func cost(_ track: GaugeTrack, _ block: GaugeExpansion.Block) -> Float {
        var total = Lanes.zero
        var outside: Float = 0
        for i in 0..<count {
            outside += block.moments[start + i].x / noise
            for group in 0..<groups {
                var re = Lanes.zero
                var im = Lanes.zero
                for j in 0..<count {
                    let k = precision[(i &* count &+ j) &* groups &+ group]
                    re += track.real[(start &+ j) &* groups &+ group] * k
                    im += track.imaginary[(start &+ j) &* groups &+ group] * k
                }
                let place = (start &+ i) &* groups &+ group
                total += track.real[place] * re + track.imaginary[place] * im
            }
        }
        return total.sum() + outside
    }

    func run(
        _ track: inout GaugeTrack, _ block: GaugeExpansion.Block, iterations: Int, least: Float = 0.02,
        _ w: inout Workspace
    ) {
        // What the snapshots that don't turn contribute.
        for i in 0..<free {
            for group in 0..<groups {
                var re = Lanes.zero
                var im = Lanes.zero
                let row = (fixed &+ i) &* count
                for j in 0..<count where j < fixed || j >= fixed &+ free {
                    let k = precision[(row &+ j) &* groups &+ group]
                    re += track.real[(start &+ j) &* groups &+ group] * k
                    im += track.imaginary[(start &+ j) &* groups &+ group] * k
                }
                w.contextRe[i &* groups &+ group] = re
                w.contextIm[i &* groups &+ group] = im
            }
        }
        var cost = weigh(track, &w)
        var damping: Float = 1e-3
        let first = start + fixed
        for _ in 0..<iterations {
            linearize(track, block, &w)
            var isBetter = false
            var found = cost
            for i in 0..<free {
                w.phases[i] = track.phases[first + i]
                w.slopes[i] = track.slopes[first + i]
            }
            for _ in 0..<3 {
                if solve(&w, damping: damping) {
                    for i in 0..<free {
                        let turn = min(max(w.step[2 * i], -1), 1)
                        let tilt = min(max(w.step[2 * i + 1], -0.3), 0.3)
                        let slope = min(max(w.slopes[i] + tilt, -1), 1)
                        track.turn(first + i, phase: w.phases[i] + turn, slope: slope, block)
                    }
                    found = weigh(track, &w)
                    isBetter = found < cost
                    if isBetter { break }
                }
                damping = max(damping * 10, 1e-3)
            }
            guard isBetter else {
                for i in 0..<free {
                    track.turn(first + i, phase: w.phases[i], slope: w.slopes[i], block)
                }
                return
            }
            let gain = cost - found
            cost = found
            damping *= 0.2
            if gain < least { return }
        }
    }

    /// K z of the free snapshots, and the part of the cost that they have a share in.
    private func weigh(_ track: GaugeTrack, _ w: inout Workspace) -> Float {
        var total = Lanes.zero
        for i in 0..<free {
            for group in 0..<groups {
                let contextRe = w.contextRe[i &* groups &+ group]
                let contextIm = w.contextIm[i &* groups &+ group]
                var re = contextRe
                var im = contextIm
                let row = (fixed &+ i) &* count &+ fixed
                for j in 0..<free {
                    let k = precision[(row &+ j) &* groups &+ group]
                    let place = (start &+ fixed &+ j) &* groups &+ group
                    re += track.real[place] * k
                    im += track.imaginary[place] * k
                }
                w.weightedRe[i &* groups &+ group] = re
                w.weightedIm[i &* groups &+ group] = im
                let place = (start &+ fixed &+ i) &* groups &+ group
                total += track.real[place] * (re + contextRe) + track.imaginary[place] * (im + contextIm)
            }
        }
        return total.sum()
    }

    private func linearize(
        _ track: GaugeTrack, _ block: GaugeExpansion.Block, _ w: inout Workspace
    ) {
        let size = 2 * free
        for i in 0..<free {
            let n = start &+ fixed &+ i
            var phase = Lanes.zero
            var slope = Lanes.zero
            for group in 0..<groups {
                let place = n &* groups &+ group
                let re = w.weightedRe[i &* groups &+ group]
                let im = w.weightedIm[i &* groups &+ group]
                phase += track.real[place] * im - track.imaginary[place] * re
                slope += track.slopeReal[place] * re + track.slopeImaginary[place] * im
            }
            w.gradient[2 &* i] = phase.sum()
            w.gradient[2 &* i &+ 1] = slope.sum()
            for j in 0...i {
                let other = start &+ fixed &+ j
                // Phase derivatives are jz: products of two of them are those of z itself.
                var pp = Lanes.zero
                var ps = Lanes.zero
                var sp = Lanes.zero
                var ss = Lanes.zero
                for group in 0..<groups {
                    let k = precision[((fixed &+ i) &* count &+ fixed &+ j) &* groups &+ group]
                    let a = n &* groups &+ group
                    let b = other &* groups &+ group
                    let re = track.real[b] * k
                    let im = track.imaginary[b] * k
                    let tiltRe = track.slopeReal[b] * k
                    let tiltIm = track.slopeImaginary[b] * k
                    pp += track.real[a] * re + track.imaginary[a] * im
                    ps += track.real[a] * tiltIm - track.imaginary[a] * tiltRe
                    sp += track.slopeImaginary[a] * re - track.slopeReal[a] * im
                    ss += track.slopeReal[a] * tiltRe + track.slopeImaginary[a] * tiltIm
                }
                w.hessian[2 &* i &* size &+ 2 &* j] = pp.sum()
                w.hessian[2 &* i &* size &+ 2 &* j &+ 1] = ps.sum()
                w.hessian[(2 &* i &+ 1) &* size &+ 2 &* j] = sp.sum()
                w.hessian[(2 &* i &+ 1) &* size &+ 2 &* j &+ 1] = ss.sum()
            }
            let moments = block.moments[n] / noise
            w.hessian[2 &* i &* size &+ 2 &* i] += moments.x
            w.hessian[(2 &* i &+ 1) &* size &+ 2 &* i] += moments.y
            w.hessian[(2 &* i &+ 1) &* size &+ 2 &* i &+ 1] += moments.z
        }
    }

    /// (H + damping · diag H) step = −gradient by Cholesky; false where the matrix isn't positive definite.
    private func solve(_ w: inout Workspace, damping: Float) -> Bool {
        let size = 2 * free
        for i in 0..<size {
            let row = i &* size
            for j in 0...i {
                let other = j &* size
                var sum = w.hessian[row &+ j]
                if i == j { sum += damping * sum + 1e-6 }
                for k in 0..<j { sum -= w.factor[row &+ k] * w.factor[other &+ k] }
                if i == j {
                    guard sum > 0 else { return false }
                    w.factor[row &+ i] = sum.squareRoot()
                } else {
                    w.factor[row &+ j] = sum / w.factor[other &+ j]
                }
            }
        }
        for i in 0..<size {
            var sum = -w.gradient[i]
            for k in 0..<i { sum -= w.factor[i &* size &+ k] * w.step[k] }
            w.step[i] = sum / w.factor[i &* size &+ i]
        }
        for i in stride(from: size - 1, through: 0, by: -1) {
            var sum = w.step[i]
            for k in stride(from: i + 1, to: size, by: 1) { sum -= w.factor[k &* size &+ i] * w.step[k] }
            w.step[i] = sum / w.factor[i &* size &+ i]
        }
        return true
    }
}
