package import Control
package import Telemetry

/// What the console asks of the machines, and the orders it hands on. None of them waits for the field.
package struct ConsoleMachines: Sendable {
    package let present: @Sendable () -> [Machine]
    package let select: @Sendable (PointID, Value, String) -> Result<Selection, SelectRefusal>
    /// Token, point, value, person, how long it stands, and who hears what comes of it. Returns why it does not go.
    package let operate:
        @Sendable (String, PointID, Value, String, Duration, @escaping @Sendable (RemoteAnswer) -> Void) -> String?
    package let stop: @Sendable (PointID, String, Duration?, Bool) -> PersonAnswer
    /// Gives the machine back to its rules.
    package let release: @Sendable (PointID, String) -> PersonAnswer
    package let lock: @Sendable (LockOut) -> PersonAnswer
    /// Subject, whose lock it is, who takes it away, as what, and why.
    package let unlock: @Sendable (String, String, String, Role, String) -> PersonAnswer
    package let reset: @Sendable (String, PointID, String) -> PersonAnswer
    package let unseal: @Sendable (String, Role, String) -> PersonAnswer

    /// A gateway that commands nothing.
    package static let none = ConsoleMachines(
        Control(
            plans: [], directory: Directory(points: [], devices: []), actuator: Nowhere(), time: SystemTime(), record: { _ in }))

    private struct Nowhere: Actuator {
        func write(_ value: Value, to point: PointID) async -> WriteOutcome { .failed("nothing is commanded from here") }
    }

    package init(_ control: Control) {
        present = { control.machines }
        select = { control.select($0, $1, by: $2) }
        operate = { token, point, value, person, hold, answer in
            control.operate(token, point, value, by: person, for: hold, under: RemoteTerms(), answer: answer)
        }
        stop = { control.stop($0, by: $1, for: $2, isConfirmed: $3) }
        release = { control.release($0, by: $1) }
        lock = { control.lock($0) }
        unlock = { control.unlock($0, of: $1, by: $2, role: $3, reason: $4) }
        reset = { control.reset($0, of: $1, by: $2) }
        unseal = { control.unseal(by: $0, role: $1, reason: $2) }
    }
}
