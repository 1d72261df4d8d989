import Acquisition
import Control
import Synchronization
import Telemetry

/// The introduction between `Control`, which wants something written, and `Acquisition`, which can.
final class FieldActuator: Actuator {
    private let field = Mutex<Acquisition?>(nil)

    func meet(_ acquisition: Acquisition) { field.withLock { $0 = acquisition } }

    func write(_ value: Value, to point: PointID) async -> WriteOutcome {
        guard let acquisition = field.withLock({ $0 }) else { return .failed("the links are not up yet") }
        switch await acquisition.write(value, to: point) {
        case .echoed(let value): return .echoed(value)
        case .unverified: return .unverified
        case .refused(let why): return .refused(why)
        case .failed(let why): return .failed(why)
        }
    }
}
