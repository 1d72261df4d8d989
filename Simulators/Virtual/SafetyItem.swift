/// The safety list of the domain, in its order: what must never happen.
package enum SafetyItem: Int, Sendable, CaseIterable {
    case startDuringWork = 1
    case staleValueDrives, frozenSensor, twoWriters, commandReplayed, falseConfirmation, leftOn, restartBurst, dryRunning
    case flooding, overflow, reverseFlow, vehicle, driver, broadcast, realOutput, wrongAddress, clockJump, fullDisk, lostData
    case alarmFlood, unauthenticated, privacy, wrongMode

    /// What must never happen, in the list's words.
    package var never: String {
        switch self {
        case .startDuringWork: "a start while someone works on the pump"
        case .staleValueDrives: "a stale or bad value drives a rule"
        case .frozenSensor: "a frozen sensor is taken as calm"
        case .twoWriters: "two writers fight over one actuator"
        case .commandReplayed: "a command is replayed, or run when it is old"
        case .falseConfirmation: "a command is called done and is not"
        case .leftOn: "a pump is left on by a crash, a restart or a lost link"
        case .restartBurst: "everything starts at once after a restart"
        case .dryRunning: "a pump runs dry"
        case .flooding: "irrigation goes on beyond its time"
        case .overflow: "a well spills while a pump could run"
        case .reverseFlow: "water runs back between river and polder"
        case .vehicle: "a vehicle is affected from afar"
        case .driver: "a message distracts a driver"
        case .broadcast: "a sensor speaks to the public"
        case .realOutput: "a simulation reaches real outputs"
        case .wrongAddress: "a wrong unit, scale or address after an edit"
        case .clockJump: "a clock that jumps fires or skips something"
        case .fullDisk: "a full disk stops control"
        case .lostData: "a sample is lost without a word"
        case .alarmFlood: "a flood of alarms hides the one that matters"
        case .unauthenticated: "a write without user and role"
        case .privacy: "positions of workers are misused"
        case .wrongMode: "automation seems on when it is off, or off when it is on"
        }
    }

    /// How the simulation judges it.
    package enum Standing: Sendable, Hashable {
        /// From outside, after every step.
        case judged
        /// By how the simulation is made.
        case byConstruction(String)
        /// By tests of its own elsewhere; here nothing can show it.
        case elsewhere(String)
        case notBuilt(String)
    }

    package var standing: Standing {
        switch self {
        case .startDuringWork, .staleValueDrives, .twoWriters, .commandReplayed, .falseConfirmation, .leftOn, .restartBurst, .dryRunning,
            .flooding, .overflow, .clockJump, .lostData, .wrongMode:
            .judged
        case .realOutput: .byConstruction("there is no socket, no serial line and no folder in it")
        case .wrongAddress: .elsewhere("what `headgate check` refuses")
        case .fullDisk: .elsewhere("the store is not in the simulation")
        case .unauthenticated: .elsewhere("the console is not in the simulation")
        case .alarmFlood: .elsewhere("alarms are not in the simulation")
        case .frozenSensor: .notBuilt("nothing compares a calm reading with what a running pump should change")
        case .reverseFlow: .notBuilt("there is no gate")
        case .vehicle: .notBuilt("no command to a vehicle exists")
        case .driver: .notBuilt("no message to a driver exists")
        case .broadcast: .notBuilt("no way to the public exists")
        case .privacy: .notBuilt("nobody's position is bound to a person")
        }
    }
}

/// Something that must never happen, and did.
package struct Violation: Sendable, Hashable, CustomStringConvertible {
    package let item: SafetyItem
    package let at: Instant
    package let seen: String

    package var description: String { "item \(item.rawValue), \(item.never): \(seen)" }
}
