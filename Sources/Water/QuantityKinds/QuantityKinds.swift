package import Rules

/// The kinds of rule files that derive quantities of water.
package enum QuantityKinds {
    package static let all: [any RuleKind] = [
        WeirKind(), OverflowKind(), PumpFlowKind(), EfficiencyKind(), UnbalanceKind(), TotalKind(), RunTimeKind(),
        EnergyPerVolumeKind(), ElectricityToWaterKind(),
    ]
}
