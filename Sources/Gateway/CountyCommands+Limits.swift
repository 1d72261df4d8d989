import Acquisition
package import Control
import Telemetry

extension SitePlan {
    /// The actuators with what their profiles say of the values that may be written, so that a command beyond them is refused
    /// before it is on its way.
    package var limitedActuators: [ActuatorPlan] {
        let points = links.flatMap { $0.devices.flatMap(\.points) }
        let limits = Dictionary(points.map { ($0.id, $0.limits) }) { first, _ in first }
        return actuators.map { plan in
            var plan = plan
            plan.minimum = limits[plan.point]?.minimum
            plan.maximum = limits[plan.point]?.maximum
            plan.step = limits[plan.point]?.step
            return plan
        }
    }
}
