// SPDX-License-Identifier: GPL-3.0-or-later
import Statistics
import Testing

@Suite struct QuadratureTests {
    @Test func `Gauss-Legendre has numpy's nodes and weights`() {
        let five = Quadrature.legendre(5)
        let nodes = [-0.906179845938664, -0.5384693101056831, 0, 0.5384693101056831, 0.906179845938664]
        let weights = [
            0.23692688505618928, 0.4786286704993663, 0.5688888888888887, 0.4786286704993663,
            0.23692688505618928,
        ]
        for i in 0..<5 {
            #expect(abs(five.nodes[i] - nodes[i]) < 1e-15)
            #expect(abs(five.weights[i] - weights[i]) < 1e-15)
        }
        let many = Quadrature.legendre(64)
        #expect(abs(many.nodes[63] - 0.9993050417357722) < 1e-15)
        #expect(close(many.weights[63], 0.00178328072169414, 1e-11))
    }

    @Test(arguments: [1, 2, 3, 16, 33, 64, 128])
    func `Gauss-Legendre is exact to twice its degree`(count: Int) {
        let rule = Quadrature.legendre(count)
        for degree in Set([0, 1, 2, 2 * count - 2, 2 * count - 1]).filter({ $0 >= 0 && $0 < 2 * count }) {
            let exact = degree % 2 == 0 ? 2 / Double(degree + 1) : 0
            let value = rule.integrate { x in (0..<degree).reduce(1.0) { power, _ in power * x } }
            #expect(abs(value - exact) < 1e-13)
        }
        #expect(rule.nodes == rule.nodes.sorted())
    }

    @Test func `the normal rule has numpy's nodes and weights`() {
        let five = Quadrature.normal(5)
        let nodes = [-2.8569700138728056, -1.355626179974266, 0, 1.355626179974266, 2.8569700138728056]
        let weights = [
            0.011257411327720677, 0.22207592200561257, 0.5333333333333335, 0.22207592200561257,
            0.011257411327720677,
        ]
        for i in 0..<5 {
            #expect(abs(five.nodes[i] - nodes[i]) < 1e-14)
            #expect(abs(five.weights[i] - weights[i]) < 1e-14)
        }
        let many = Quadrature.normal(32)
        #expect(close(many.nodes[31], 10.077422674229465, 1e-13))
        #expect(close(many.weights[31], 4.1246074890182835e-23, 1e-10))
    }

    @Test(arguments: [1, 2, 7, 32, 64, 128])
    func `the normal rule gives the moments of the normal law`(count: Int) {
        let rule = Quadrature.normal(count)
        var moment = 1.0
        for order in stride(from: 0, to: min(2 * count, 12), by: 2) {
            if order > 0 { moment *= Double(order - 1) }
            let value = rule.integrate { x in (0..<order).reduce(1.0) { power, _ in power * x } }
            #expect(close(value, moment, 1e-11))
        }
    }

    @Test func `a carried-over rule integrates over its own interval`() {
        let rule = Quadrature.legendre(8, from: 2, to: 5)
        #expect(close(rule.integrate { $0 * $0 }, 39, 1e-14))
    }
}
