// SPDX-License-Identifier: GPL-3.0-or-later

extension TGn {
    /// A group of taps with common angles: Laplacian power over angle, all angles in degrees.
    public struct Cluster: Sendable, Hashable {
        /// First and last tap's delay in nanoseconds; the cluster has every tap of the model between them.
        public var delays: ClosedRange<Double>
        /// Power of each of the cluster's taps in dB.
        public var decibels: [Double]
        public var departure: Double
        public var departureSpread: Double
        public var arrival: Double
        public var arrivalSpread: Double

        init(
            _ delays: ClosedRange<Double>, _ decibels: [Double], departure: (Double, Double),
            arrival: (Double, Double)
        ) {
            self.delays = delays
            self.decibels = decibels
            (self.departure, departureSpread) = departure
            (self.arrival, arrivalSpread) = arrival
        }
    }

    /// The clusters, whose powers sum to `totalDecibels` tap by tap.
    public var clusters: [Cluster] {
        switch self {
        case .a: [Cluster(0...0, [0], departure: (45, 40), arrival: (45, 40))]
        case .b: Self.clustersB
        case .c: Self.clustersC
        case .d: Self.clustersD
        case .e: Self.clustersE
        case .f: Self.clustersF
        }
    }

    private static let clustersB = [
        Cluster(
            0...40, [0, -5.4287, -10.8574, -16.286, -21.7147], departure: (225.1084, 14.449),
            arrival: (4.3943, 14.4699)),
        Cluster(
            20...80, [-3.2042, -6.3063, -9.4084, -12.5105, -15.6126, -18.7147, -21.8168],
            departure: (106.5545, 25.4311), arrival: (118.4327, 25.2566)),
    ]

    private static let clustersC = [
        Cluster(
            0...90,
            [
                0, -2.1715, -4.3429, -6.5144, -8.6859, -10.8574, -13.0288, -15.2003, -17.3718, -19.5433,
            ], departure: (13.5312, 24.7897), arrival: (290.3715, 24.6949)),
        Cluster(
            60...200,
            [-5.0288, -7.2003, -9.3718, -11.5433, -13.7147, -15.8862, -18.0577, -20.2291],
            departure: (56.4329, 22.5729), arrival: (332.3754, 22.453)),
    ]

    private static let clustersD = [
        Cluster(
            0...290,
            [
                0, -0.9, -1.7, -2.6, -3.5, -4.3, -5.2, -6.1, -6.9, -7.8, -9.0712046, -11.199064, -13.795428,
                -16.391791, -19.370991, -23.201722,
            ], departure: (332.1027, 27.4412), arrival: (158.9318, 27.758)),
        Cluster(
            110...340,
            [-6.6756386, -9.5728825, -12.175385, -14.777891, -17.435786, -21.992788, -25.580689],
            departure: (49.384, 32.143), arrival: (320.2865, 31.4672)),
        Cluster(
            240...390, [-18.8433, -23.238125, -25.246344, -26.7], departure: (275.9769, 36.8825),
            arrival: (276.1246, 37.4179)),
    ]

    private static let clustersE = [
        Cluster(
            0...490,
            [
                -2.6, -3, -3.5, -3.9, -4.5644301, -5.6551533, -6.9751533, -8.2951533, -9.8221791, -11.785521,
                -13.985521, -16.185521, -18.385521, -20.585521, -22.985195,
            ], departure: (105.6434, 36.1176), arrival: (163.7475, 35.8768)),
        Cluster(
            50...560,
            [
                -1.8681171, -3.2849115, -4.5733656, -5.8619031, -7.1920408, -9.9304493, -10.343797, -14.35372,
                -14.767068, -18.776991, -19.982151, -22.446411,
            ], departure: (293.1199, 42.5299), arrival: (251.8792, 41.6812)),
        Cluster(
            180...490,
            [-7.9044978, -9.685167, -14.260649, -13.812819, -18.603831, -18.192376, -22.834619],
            departure: (61.972, 38.0096), arrival: (80.024, 37.4221)),
        Cluster(
            490...730, [-20.673366, -20.574381, -20.7, -24.6], departure: (275.764, 38.7026),
            arrival: (182, 40.3685)),
    ]

    private static let clustersF = [
        Cluster(
            0...600,
            [
                -3.3, -3.6, -3.9, -4.2, -4.6474101, -5.393095, -6.293095, -7.193095, -8.2370567, -9.5792981,
                -11.079298, -12.579298, -14.358636, -16.731146, -19.978784,
            ], departure: (56.2139, 41.6936), arrival: (315.1048, 48.0084)),
        Cluster(
            50...730,
            [
                -1.8241629, -2.8069486, -3.5527879, -4.4527879, -5.3075764, -7.4275717, -7.0894233, -10.30481,
                -10.44412, -13.837355, -15.762121, -19.940313,
            ], departure: (183.7089, 55.2669), arrival: (180.409, 55.0823)),
        Cluster(
            180...600,
            [-5.7960011, -6.7737346, -10.475827, -9.6416705, -14.107182, -12.752335, -18.503266],
            departure: (153.0836, 47.4867), arrival: (74.7062, 42.0885)),
        Cluster(
            400...600, [-8.8824645, -13.319464, -18.73341], departure: (112.5317, 27.2136),
            arrival: (251.5763, 28.6161)),
        Cluster(
            600...730, [-12.947155, -14.233751], departure: (291.0921, 33.0126), arrival: (68.5751, 30.7745)),
        Cluster(
            880...1050, [-16.3, -21.2], departure: (62.379, 38.0482), arrival: (246.2344, 38.2914)),
    ]
}
