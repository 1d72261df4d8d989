package import Telemetry

/// What makes an alarm: a truth about its point that holds or not, with a deadband between the two.
package enum AlarmCondition: Sendable, Hashable {
    package enum Side: String, Sendable, CaseIterable {
        case highHigh = "high-high"
        case high, low
        case lowLow = "low-low"

        var isAbove: Bool { self == .highHigh || self == .high }
    }

    package enum Trouble: String, Sendable, CaseIterable {
        /// Bad or stale: no number to go by.
        case bad
        /// Anything less than good.
        case uncertain
    }

    /// Beyond a limit, in the point's unit. A value at the limit is not beyond it.
    case limit(Side, Double, deadband: Double)
    case equals(Value)
    case quality(Trouble)
    /// Goes up or down by more than so much within a span.
    case change(Double, within: Duration, deadband: Double)
    /// Further from another point than so much, either way.
    case deviation(Double, from: PointID, deadband: Double)

    /// Whether a bad reading is what it looks for, rather than what blinds it.
    package var watchesQuality: Bool { if case .quality = self { true } else { false } }

    /// - Parameters:
    ///   - sights: the point, and for a deviation the other point.
    ///   - holds: the verdict before, which stands within the deadband.
    /// - Returns: nil if that cannot be known now.
    func verdict(_ sights: [Sight], holds: Bool) -> Bool? {
        guard let sight = sights.first else { return nil }
        switch self {
        case .limit(let side, let limit, let deadband):
            let sign: Double = side.isAbove ? 1 : -1
            return sight.number.map { Self.exceeds($0 * sign, limit * sign, deadband, holds) }
        case .change(let most, _, let deadband):
            return sight.number.map { Self.exceeds($0, most, deadband, holds) }
        case .equals:
            return sight.number.map { $0 == 1 }
        case .quality(.bad):
            return sight.quality.map { $0 == .bad }
        case .quality(.uncertain):
            return sight.quality.map { $0 != .good }
        case .deviation(let most, _, let deadband):
            guard sights.count > 1, let here = sight.number, let there = sights[1].number else { return nil }
            return Self.exceeds((here - there).magnitude, most, deadband, holds)
        }
    }

    private static func exceeds(_ number: Double, _ limit: Double, _ deadband: Double, _ holds: Bool) -> Bool {
        if number > limit { return true }
        return number > limit - deadband ? holds : false
    }
}
