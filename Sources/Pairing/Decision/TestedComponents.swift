// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Quantization

extension QuantizationPlan {
    /// A component that tests on published samples look at.
    struct Tested {
        var index: Int
        var component: Component
        var name: String
    }

    /// One component for each source, or for each class of segments where there are any: a class says more where it is
    /// rarer.
    var tested: [Tested] {
        components.enumerated().compactMap { index, component in
            if segmentLength > 0 {
                return Tested(index: index, component: component, name: model.components[index].name)
            }
            guard components.firstIndex(where: { $0.source == component.source }) == index else { return nil }
            return Tested(index: index, component: component, name: "component \(component.source)")
        }
    }
}
